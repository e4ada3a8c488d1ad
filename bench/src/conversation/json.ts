// What a feed sends: 64 different JSON texts of 1 KiB each, always the same ones. Their keys repeat, in
// one message and from message to message; their values do not. Deflate takes them to about 40 %.

/** A generator of numbers from 0 to 1 that gives the same ones in every run (mulberry32). */
function newRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const symbols = [
  "AAPL",
  "AMZN",
  "ASML",
  "BTC-EUR",
  "ETH-EUR",
  "GOOG",
  "MSFT",
  "NVDA",
  "SAP",
  "TSLA",
];
const venues = ["XETR", "XNAS", "XNYS", "XPAR", "XAMS"];

/** How many texts there are. */
const textCount = 64;

/** The texts, each of exactly that many bytes. */
export function jsonTexts(messageBytes: number): readonly string[] {
  const random = newRandom(6455);
  const oneOf = (words: readonly string[]) => words[Math.floor(random() * words.length)] as string;
  const trade = (id: number) => ({
    id: 480_000_000 + id,
    symbol: oneOf(symbols),
    side: random() < 0.5 ? "buy" : "sell",
    price: Math.round(random() * 100_000) / 100,
    quantity: Math.ceil(random() * 500),
    venue: oneOf(venues),
    time: new Date(1_700_000_000_000 + Math.floor(random() * 1e10)).toISOString(),
  });
  return Array.from({ length: textCount }, (_, i) => {
    const trades: object[] = [];
    const text = (note: string) => JSON.stringify({ type: "trades", sequence: i, trades, note });
    while (text("").length + 140 < messageBytes) trades.push(trade(i * 16 + trades.length));
    const room = messageBytes - text("").length;
    return text(
      Array.from({ length: room }, () => Math.floor(random() * 36).toString(36)).join(""),
    );
  });
}
