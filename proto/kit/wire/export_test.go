package wire

// Repeatable is for tests.
var Repeatable = repeatable
