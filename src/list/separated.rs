//! Splitting a text at `;`, and at what people type instead.
