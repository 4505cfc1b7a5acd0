/** How much a service, a client or a server may take, and who may come at all. */
export const limitsFields = {};
