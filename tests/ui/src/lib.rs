//! The cases are in `cases`, and the test that compares the messages of the compiler in `tests/ui.rs`.
