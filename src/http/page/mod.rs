//! Plain pages: rendered here, readable without scripts, with nothing from other hosts. All text is escaped by maud.

mod accept;
pub(super) mod banner;
mod jobs;
mod layout;
mod run;
mod run_log;
mod runs;
mod sources;
mod text;

pub use accept::wants_html;
pub(super) use accept::{negotiate, quality};
pub use banner::Banner;
pub(super) use banner::provide;
pub(super) use jobs::jobs;
pub use jobs::{JobsFragment, jobs_fragment};
pub use layout::layout;
pub(super) use layout::layout_in;
pub(super) use run::run;
pub(super) use run_log::fields as log_fields;
pub(super) use runs::runs;
pub(super) use sources::sources;
