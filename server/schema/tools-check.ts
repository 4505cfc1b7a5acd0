import { Check } from 'typebox/value';
import { dropRequest, type ToolRequest, toolRequest } from './tools.ts';

/**
 * Is this a request that may be run? Asked once more by the privileged side: what comes through its door is only as
 * good as the process that sent it.
 */
export const isToolRequest = (value: unknown): value is ToolRequest => Check(toolRequest, value);

/** Does this name a connection? */
export const isConnectionKey = (key: unknown): key is string => Check(dropRequest, { key });
