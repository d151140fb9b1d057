// Command phonesim plays the phone with the EU Login app on the command line. It speaks the
// protocol of idp/docs/app-protocol.md and keeps what a phone would remember in a file.
//
//	phonesim enrol   --state FILE [--pin PIN] TEXT-OF-QR   initialise the phone ("-" reads the code from stdin)
//	phonesim inbox   --state FILE [--wait 20s] [--json]    list the sign-ins that wait
//	phonesim approve --state FILE --number NN [--pin PIN]  approve the one that waits
//	phonesim approve --state FILE --number NN --finger     the same, unlocked by biometrics
//	phonesim deny    --state FILE [--not-me]               refuse it; --not-me reports a stranger
//	phonesim watch   --state FILE [--json]                 print sign-ins as they come in
//	phonesim offline-code --state FILE [--pin PIN] TEXT-OF-QR  the code to type on the computer; needs no network
//	phonesim on-mobile    --state FILE [--pin PIN] LINK        approve for this phone's browser (or --finger); prints where it has to go
//	phonesim pin     --state FILE [--pin PIN] --new PIN    change the PIN
//	phonesim biometrics --state FILE [--pin PIN] on|off    let biometrics stand for the PIN, or no longer
//	phonesim devices --state FILE [--json]                 what this phone is linked to, and whether it still is
//	phonesim unlink  --state FILE [--account EMAIL]        forget a link, here and on the server
//
// The PIN may stand in PHONESIM_PIN instead. With several accounts or requests, --account
// and --request choose. Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 nothing
// waits.
//
// It is a tool for development, demonstrations and tests: its keys can be copied.
package main
