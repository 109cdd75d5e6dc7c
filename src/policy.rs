//! The compiled policy of one SMTP+ user.
