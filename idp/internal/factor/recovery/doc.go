// Package recovery is the printed way back in: ten codes, each good once, for a person whose
// other verification methods are out of reach (domain.md row 13).
//
// It owns issuing, checking and counting codes. What a code is worth is package policy's: it
// counts where factors are managed or replaced, and never towards a service's level. Pages are
// in web/recoverycodes; login meets it by way of codelogin.
//
// Guarantees: codes have 80 random bits, are shown once and kept as salted digests; each is
// good once, also for a hundred parallel callers; issuing anew ends all codes before; every
// issue and every use is told by mail.
package recovery
