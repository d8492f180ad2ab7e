/** The functions of `native/bind/wait_bind.cc`. Results below 0 are `-errno`; `raise.ts` makes errors of them. */
export interface WaitNative {}
