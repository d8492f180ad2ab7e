/** The functions of `native/bind/pages_bind.cc`. Results below 0 are `-errno`. */
export interface PagesNative {
	/** Joins small pages of memory that can be written to into large ones, where whole ones lie side by side. Returns how many. */
	joinPages(): number;
}
