/**
 * What MPI has for programs that go on after the failure of a rank (ULFM). On no engine does a job survive that: the
 * launcher ends it. So whoever runs sees no failed rank, and these calls give what they give without failures; only
 * revoking, which would have to reach into other ranks' waits, is not supported.
 */
import { describe } from '../../../base/arguments.ts';
import { ArgumentError } from '../../../base/errors.ts';
import { ERR_ARG, ERR_UNSUPPORTED_OPERATION } from '../../constants.ts';
import { fail } from '../arguments/check.ts';
import { keywordOr } from '../arguments/keywords.ts';
import { anInt } from '../arguments/numbers.ts';
import { IN_PLACE } from '../buffers/buffer-data.ts';
import { ObjectCollectives } from '../collectives/object-collectives.ts';
import { BAND } from '../datatypes/predefined.ts';
import type { Request } from '../requests/request.ts';
import { type Group, GROUP_EMPTY } from './group.ts';

export abstract class FaultTolerance extends ObjectCollectives {
	/** @internal */
	abstract Dup(): this;
	/** @internal */
	abstract Idup(): [comm: this, request: Request];

	/** Not supported. */
	Revoke(): never {
		this.living();
		const hint = 'Tell the other ranks by a message, or end the job with Abort().';
		return fail(
			ERR_UNSUPPORTED_OPERATION,
			`Revoke() is supported on no engine: a communicator cannot be taken away from ranks that wait in it. ${hint}`,
			this,
		);
	}

	/** False: nobody can. */
	Is_revoked(): boolean {
		this.living();
		return false;
	}

	/** The ranks that have failed: none, as long as the job runs. */
	Get_failed(): Group {
		this.living();
		return GROUP_EMPTY;
	}

	/** How many of the failed ranks have been acknowledged: 0. */
	Ack_failed(num_to_ack: number | { readonly num_to_ack?: number | null } | null = null): number {
		this.living();
		const given = keywordOr<number | null>('Ack_failed()', 'num_to_ack', { given: num_to_ack, byDefault: null });
		if (given !== null) anInt(given, { name: 'num_to_ack', least: 0 });
		return 0;
	}

	/** Collective: the bitwise "and" of the flags of all ranks, of both groups where there are two. */
	Agree(flag: number): number {
		const own = Int32Array.of(anInt(flag, { name: 'flag' }));
		const agreed = new Int32Array(1);
		this.Allreduce(own, agreed, BAND);
		if (this.is_intra) return agreed[0]!;
		// What came is of the other group; that group's answer to it is of the own one.
		const back = new Int32Array(1);
		this.Allreduce(agreed, back, BAND);
		return agreed[0]! & back[0]!;
	}

	/** As `Agree()`, in the flag's place: an Int32Array of one number, which is complete when the request is. */
	Iagree(flag: Int32Array): Request {
		if (!(flag instanceof Int32Array) || flag.length !== 1)
			throw new ArgumentError(`Expected \`flag\` of Iagree() to be an Int32Array of one number, got ${describe(flag)}.`);
		if (this.is_inter) fail(ERR_ARG, 'Iagree() is for communicators of one group: use Agree() between two.', this);
		return this.Iallreduce(IN_PLACE, flag, BAND);
	}

	/** Collective: a communicator of the ranks that have not failed. */
	Shrink(): this {
		return this.Dup();
	}

	/** As `Shrink()`, and comes back at once: the communicator may be used when the request is complete. */
	Ishrink(): [comm: this, request: Request] {
		return this.Idup();
	}
}
