//! Whether a message may leave.
