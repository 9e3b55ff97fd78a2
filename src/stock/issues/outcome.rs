//! What applying a list came to, as counts and as a sentence.

use std::fmt;

use super::diff::Changed;
use crate::stock::company::CompanyStatus;

/// Companies by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub inserted: usize,
    pub updated: usize,
    pub unchanged: usize,
    /// Issues of no known company, which were not to be added.
    pub left_out: usize,
    pub delisted: usize,
    pub listed_again: usize,
    pub changed_segment: usize,
    pub renamed: usize,
}

impl Applied {
    pub(super) fn count(&mut self, changed: &Changed) {
        let Changed { before, after } = changed;
        let became = |status| before.status != status && after.status == status;
        self.updated += 1;
        self.delisted += usize::from(became(CompanyStatus::Delisted));
        self.listed_again += usize::from(became(CompanyStatus::Active) && before.status == CompanyStatus::Delisted);
        self.changed_segment += usize::from(before.listed_market != after.listed_market);
        self.renamed += usize::from(before.company_name != after.company_name);
    }

    /// What changed, in words: `3 delisted, 2 changed segment`; empty when nothing did.
    #[must_use]
    pub fn changes(&self) -> String {
        let counts = [
            (self.delisted, "delisted"),
            (self.listed_again, "listed again"),
            (self.changed_segment, "changed segment"),
            (self.renamed, "renamed"),
        ];
        let told = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        told.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} inserted, {} updated, {} unchanged", self.inserted, self.updated, self.unchanged)?;
        if self.left_out > 0 {
            write!(f, ", {} left out", self.left_out)?;
        }
        let changes = self.changes();
        if changes.is_empty() { Ok(()) } else { write!(f, "\n{changes}") }
    }
}
