/** Info objects cross the seam as what is in them. */
export type InfoEntries = readonly (readonly [key: string, value: string])[];
