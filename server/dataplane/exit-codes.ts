/** By this exit code the data plane asks its supervisor to empty the data folder and to start anew. */
export const RESET = 79;
