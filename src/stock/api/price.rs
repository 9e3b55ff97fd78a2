//! Which of a bar's values is asked for.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::timeseries::parameters::words;
use crate::{
    http::{Answer, word},
    stock::bar::Bar,
};

/// `priceType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Price {
    Open,
    High,
    Low,
    #[default]
    Close,
    Volume,
}

impl Price {
    /// As bars have them.
    pub(super) const ALL: [Self; 5] = [Self::Open, Self::High, Self::Low, Self::Close, Self::Volume];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
        }
    }

    /// # Errors
    /// 400 naming `priceType` and what there is.
    pub(super) fn read(text: Option<&str>) -> Answer<Self> {
        Ok(word("priceType", text, &Self::ALL, Self::as_str)?.unwrap_or_default())
    }

    pub(super) const fn of(self, bar: &Bar) -> Option<f64> {
        match self {
            Self::Open => bar.open,
            Self::High => bar.high,
            Self::Low => bar.low,
            Self::Close => bar.close,
            Self::Volume => bar.volume,
        }
    }
}

impl PartialSchema for Price {
    fn schema() -> RefOr<Schema> {
        words(&Self::ALL.map(Self::as_str), Self::default().as_str())
    }
}

impl ToSchema for Price {}
