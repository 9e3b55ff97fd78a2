//! The columns of an export. Pure.

use std::sync::Arc;

use crate::{
    http::{
        Answer, Problem,
        table::{Batch, Column, Kind, Values, columns},
    },
    settings::shown,
    stock::{
        bar::Bar,
        store::serving::export::{CompanyBar, Listed},
    },
    told,
};

/// What can be had of each bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BarColumn)]
pub enum Field {
    StockCode,
    CompanyId,
    CompanyName,
    Date,
    Open,
    High,
    Low,
    Close,
    Volume,
    /// Where the bar came from.
    Source,
}

impl Field {
    const ALL: [Self; 10] = [
        Self::StockCode,
        Self::CompanyId,
        Self::CompanyName,
        Self::Date,
        Self::Open,
        Self::High,
        Self::Low,
        Self::Close,
        Self::Volume,
        Self::Source,
    ];

    const DEFAULT: [Self; 7] =
        [Self::StockCode, Self::Date, Self::Open, Self::High, Self::Low, Self::Close, Self::Volume];

    const fn as_str(self) -> &'static str {
        match self {
            Self::StockCode => "stockCode",
            Self::CompanyId => "companyId",
            Self::CompanyName => "companyName",
            Self::Date => "date",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::Source => "source",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::StockCode | Self::CompanyId | Self::CompanyName | Self::Source => Kind::Text,
            Self::Date => Kind::Day,
            Self::Open | Self::High | Self::Low | Self::Close | Self::Volume => Kind::Real,
        }
    }
}

/// The columns in the order asked for, each once.
///
/// # Errors
/// 400 naming what is no column.
pub(super) fn fields(text: Option<&str>) -> Answer<Vec<Field>> {
    let Some(text) = text else { return Ok(Field::DEFAULT.to_vec()) };
    let mut fields = Vec::new();
    for name in text.split(',').map(str::trim) {
        let field = Field::ALL.into_iter().find(|field| field.as_str() == name).ok_or_else(|| no_column(name))?;
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    Ok(fields)
}

fn no_column(name: &str) -> Problem {
    let (shown, all) = (shown(name), Field::ALL.map(Field::as_str).join(", "));
    let message = told!("{shown} is no column; there are {all}", "{shown} という列はありません。指定できる列: {all}");
    Problem::bad_request("columns", message)
}

pub(super) fn named(fields: &[Field]) -> Vec<Column> {
    columns(&fields.iter().map(|field| (field.as_str(), field.kind())).collect::<Vec<_>>())
}

/// Writes bars as a piece of the table.
pub(super) struct Writer {
    fields: Vec<Field>,
    companies: Vec<[Arc<str>; 3]>,
}

impl Writer {
    pub(super) fn new(fields: Vec<Field>, companies: &[Listed]) -> Self {
        let texts = |company: &Listed| {
            [company.stock_code.as_str(), company.company_id.as_str(), &company.company_name].map(Arc::from)
        };
        Self { fields, companies: companies.iter().map(texts).collect() }
    }

    pub(super) fn batch(&self, bars: &[CompanyBar]) -> Batch {
        Batch(self.fields.iter().map(|field| self.values(*field, bars)).collect())
    }

    fn values(&self, field: Field, bars: &[CompanyBar]) -> Values {
        let reals = |value: fn(&Bar) -> Option<f64>| Values::Real(bars.iter().map(|one| value(&one.bar)).collect());
        let company = |text: usize| {
            let text = |one: &CompanyBar| self.companies.get(one.company).map(|texts| Arc::clone(&texts[text]));
            Values::Text(bars.iter().map(text).collect())
        };
        match field {
            Field::StockCode => company(0),
            Field::CompanyId => company(1),
            Field::CompanyName => company(2),
            Field::Date => Values::Day(bars.iter().map(|one| one.bar.date).collect()),
            Field::Open => reals(|bar| bar.open),
            Field::High => reals(|bar| bar.high),
            Field::Low => reals(|bar| bar.low),
            Field::Close => reals(|bar| bar.close),
            Field::Volume => reals(|bar| bar.volume),
            Field::Source => Values::Text(bars.iter().map(|one| one.source.clone()).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_as_asked_for_and_each_once() {
        let names =
            |text| named(&fields(text).unwrap()).into_iter().map(|column| column.name.into_owned()).collect::<Vec<_>>();
        assert_eq!(names(None), ["stockCode", "date", "open", "high", "low", "close", "volume"]);
        assert_eq!(names(Some("close, date,close")), ["close", "date"]);
        let all = Field::ALL.map(Field::as_str);
        assert_eq!(names(Some(&all.join(","))), all);
        for wrong in ["", "price", "close,", "Close", "close;drop"] {
            assert!(fields(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
