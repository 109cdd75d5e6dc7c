//! What is said about entries that parse.
