//! Lists in pages: each page is one call, and what a page tells leads to the next. It imports `call` and what is below it.

mod items;
mod open;
mod pager;
mod pages;
mod position;
mod received;
mod seen;
pub(crate) mod style;
mod token;

pub use self::items::Items;
pub use self::open::OpenPager;
pub use self::pager::Pager;
pub use self::pages::Pages;
pub use self::received::{Page, decoded};
pub use self::style::{Next, PageStyle, PageView, Paging};
pub use self::token::PageToken;
#[cfg(any(fuzzing, test))]
pub(crate) use self::token::token_of;
