// What `import … from "ws"` finds: the default is the class, the rest comes by name.

export * from "hawser/ws";
export { default } from "hawser/ws";
