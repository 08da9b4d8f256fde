declare const brand: unique symbol;

/** A nominal type: a `T` that only the constructor of `Name` hands out. The only place where brands are made. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
