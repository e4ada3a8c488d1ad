// The version of Node that runs the tests, for what the versions themselves do differently.

/** 20, 22, 24, … */
export const nodeMajor: number = Number.parseInt(process.versions.node, 10);
