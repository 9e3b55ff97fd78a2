//! Which companies are samples: told by whoever brought them, for nothing in their bars shows it.

use std::{collections::BTreeMap, sync::Arc};

use crate::stock::bar::CompanyId;

/// What has to be said of a sample wherever it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleNote {
    /// Its prices are invented.
    pub simulated: bool,
    /// Stands in place of the licence note of the source it came through.
    pub licence_note: String,
}

/// The samples by company. Empty when the data is all real.
#[derive(Clone, Debug, Default)]
pub struct Samples(Arc<BTreeMap<CompanyId, SampleNote>>);

impl Samples {
    #[must_use]
    pub fn get(&self, company: &CompanyId) -> Option<&SampleNote> {
        self.0.get(company)
    }

    #[must_use]
    pub fn simulated(&self, company: &CompanyId) -> bool {
        self.get(company).is_some_and(|note| note.simulated)
    }
}

impl FromIterator<(CompanyId, SampleNote)> for Samples {
    fn from_iter<I: IntoIterator<Item = (CompanyId, SampleNote)>>(notes: I) -> Self {
        Self(Arc::new(notes.into_iter().collect()))
    }
}
