// What `hawser connect --help` says behind the options.

import { exitCode, exitCodeMeanings } from "./exit-code.ts";
import { slashHelp } from "./slash-command.ts";

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "  ");

const codes = Object.entries(exitCodeMeanings)
  .map(([name, meaning]) => `${exitCode[name as keyof typeof exitCode]}  ${meaning}`)
  .join("\n");

export const manual: string = `
On a terminal:
  Lines are edited and remembered as in a shell; Tab completes commands. Messages
  appear above the line that is being typed: JSON indented, binary as a hex dump,
  control characters written out. Ctrl+D, or Ctrl+C on an empty line, closes the
  connection; Ctrl+C again ends it at once. What was typed is kept, at most 1,000
  lines, in $XDG_STATE_HOME/hawser/connect-history, which nobody else can read.

  Lines that begin with a slash are commands:

${indented(indented(slashHelp()))}

In a pipe:
  Each line of standard input is a text message, each message that comes a line
  of standard output, binary ones as hex. What is said about the connection goes
  to standard error. Behind the end of the input the connection stays until
  nothing has come for a second (--wait), or until --once or --count have what
  they wait for.

  With --jsonl the lines are, in both directions, such as
    {"type":"text","data":"hi"}       {"type":"binary","base64":"AAH/"}
  and to be sent also
    {"type":"ping","data":"x"}        {"type":"close","code":4000,"reason":"bye"}

Connecting again:
  With --reconnect it connects again after 0.5 to 30 seconds, longer after each
  attempt that fails. What was sent when a connection broke may be lost. A server
  that answers with 4xx, other than 408, 425 and 429, is not asked again.

Exit codes:
${indented(codes)}

Examples:
  hawser connect wss://echo.example.com/socket
  echo hi | hawser connect ws://localhost:8080 --once
  hawser connect wss://api.example.com --auth 'Bearer k3y' --subprotocol chat
  hawser connect wss://feed.example.com --reconnect --hello subscribe.txt \\
    --wait forever < /dev/null | jq .price
  hawser connect wss://localhost:8443 --ca localhost.pem --frames
  hawser connect ws://localhost:8080 --binary < image.png
  hawser connect --listen 8080
`;
