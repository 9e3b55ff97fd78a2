//! Which sessions of a company should be there, which are not, and in what pieces these are asked for.
//!
//! Pure: what is stored comes as dates. A session counts as present when its row is there, with prices or without.

mod expected;
mod gaps;
mod pieces;
mod session_list;

pub use expected::{Extent, expected};
pub use gaps::{Gap, gaps};
pub use pieces::{Piece, pieces};
pub use session_list::SessionList;
