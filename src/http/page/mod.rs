//! Plain pages: rendered here, readable without scripts, with nothing from other hosts. All text is escaped by maud.

mod accept;
mod jobs;
mod layout;
mod linked;
mod run;
mod run_log;
mod runs;
mod site;
mod sources;
mod text;

pub use accept::wants_html;
pub(super) use accept::{negotiate, quality};
pub(super) use jobs::jobs;
pub use jobs::{JobsFragment, jobs_fragment};
pub(super) use layout::{frame, layout_in};
pub use layout::{layout, layout_with};
pub(super) use linked::linked;
pub(super) use run::run;
pub(super) use run_log::fields as log_fields;
pub(super) use runs::runs;
pub use site::Place;
pub(super) use site::{Site, provide};
pub(super) use sources::sources;
pub use text::{grouped, number};
