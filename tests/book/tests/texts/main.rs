//! What the book and the README state, compared with the code.

mod chapters;
mod links;
mod markdown;
mod reference;
mod snippets;
