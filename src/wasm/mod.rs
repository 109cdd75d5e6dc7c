//! The JavaScript boundary: handles and packed results; no rules.
