/** From what an engine gives for something that it has started to the request of a program. */
import { checkRequest, type ErrorOwner } from '../arguments/check.ts';
import { EngineOperation } from './operation.ts';
import { Request } from './request.ts';

/** @param number - the engine's request, or minus an error code */
export function started(number: number, owner: ErrorOwner): Request {
	return new Request(new EngineOperation(checkRequest(number, owner), owner));
}
