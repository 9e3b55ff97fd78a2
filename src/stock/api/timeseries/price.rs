//! Which of a bar's values is asked for.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::parameters::words;
use crate::{
    http::{Answer, Problem},
    settings::shown,
    stock::bar::Bar,
    told,
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
    const ALL: [Self; 5] = [Self::Open, Self::High, Self::Low, Self::Close, Self::Volume];

    const fn as_str(self) -> &'static str {
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
        let Some(text) = text else { return Ok(Self::default()) };
        let wrong = || {
            let (given, all) = (shown(text), Self::ALL.map(Self::as_str).join(", "));
            Problem::bad_request(
                "priceType",
                told!("{given} is none of {all}", "{given} は {all} のいずれでもありません"),
            )
        };
        Self::ALL.into_iter().find(|price| price.as_str() == text).ok_or_else(wrong)
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
