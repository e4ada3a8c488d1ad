export * from "hawser/ws";
export { default } from "hawser/ws";
