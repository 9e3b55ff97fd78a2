//! The description of the API: whole, true to what is served, and as it is checked in; and the page to try it.

mod document;
mod page;
mod served;
