// Package browse serves the account side's pages on a test listener and drives them as a
// person without scripts would: pages are read by selector, forms are filled in and sent.
// Only tests import it.
package browse
