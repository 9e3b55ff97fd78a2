//! A file from its first byte to its last: its layout recognised, its rows handed on one by one.

use std::borrow::Cow;
use std::io::{Read, Seek};

use super::archive;
use super::bounded::Hashed;
use super::cells::cells;
use super::error::{FileError, shown};
use super::form::Form;
use super::layout::{Layout, unrecognised};
use super::lines::Lines;
use super::symbol::{self, Symbol};
use super::yahoo;
use crate::stock::bar::{Basis, Rejection, Row, Split, StockCode};
use crate::told;

/// Lines of PHP's warnings before the header.
const MOST_WARNINGS: usize = 20;

/// Something a zip archive can be read from.
pub trait Seekable: Read + Seek + Send {}

impl<T: Read + Seek + Send> Seekable for T {}

/// The bytes of a file.
pub enum Content {
    Text(Box<dyn Read + Send>),
    Archive(Box<dyn Seekable>),
}

impl Content {
    /// How an archive begins; everything else is taken for text.
    #[must_use]
    pub fn is_archive(first: &[u8]) -> bool {
        first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06")
    }
}

/// What is said about a file besides its bytes.
#[derive(Clone, Debug)]
pub struct Given {
    pub name: String,
    /// None: recognised.
    pub layout: Option<Layout>,
    /// The company of a file that does not tell; of one that does, only this company's rows are read.
    pub company: Option<StockCode>,
    /// For the plain layout, which has none of its own.
    pub basis: Option<Basis>,
    /// The largest file, in bytes.
    pub most: u64,
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    pub code: StockCode,
    /// ISO 3166, where the file tells.
    pub country: Option<String>,
    /// The row with the split of its day; or why it is none.
    pub read: Result<(Row, Option<Split>), Rejection>,
}

/// Takes the rows while they are read.
pub trait Sink {
    /// # Errors
    /// When no further row is wanted.
    fn row(&mut self, row: FileRow) -> Result<(), FileError>;
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub layout: Layout,
    pub basis: Basis,
    pub rows: u64,
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
}

/// Reads a file to its end. Blocks.
///
/// # Errors
/// Why nothing of it counts, whatever was handed on before.
pub fn read(content: Content, given: &Given, sink: &mut dyn Sink) -> Result<Summary, FileError> {
    let mut reading = Reading { given, sink, layout: None, rows: 0, texts: 0 };
    let (bytes, sha256) = match content {
        Content::Text(file) => {
            let mut hashed = Hashed::new(file, given.most);
            if !reading.text(&given.name, &mut hashed)? {
                return Err(FileError::content(told!("it is empty", "ファイルが空です")));
            }
            hashed.finish()
        }
        // Empty parts occur: companies without a row.
        Content::Archive(file) => archive::each(file, given.most, |name, part| reading.text(name, part).map(drop))?,
    };
    let Some((layout, basis)) = reading.layout else {
        return Err(FileError::content(told!(
            "the archive has no file with rows in it",
            "アーカイブの中に、行のあるファイルがありません"
        )));
    };
    if reading.rows == 0 {
        let reason = match &given.company {
            Some(company) if reading.texts > 0 => told!("it has no row of {company}", "{company} の行がありません"),
            _ => told!("it has a header and no rows", "見出しだけで、行がありません"),
        };
        return Err(FileError::content(reason));
    }
    Ok(Summary { layout, basis, rows: reading.rows, bytes, sha256 })
}

struct Reading<'a> {
    given: &'a Given,
    sink: &'a mut dyn Sink,
    /// All parts of an archive have one.
    layout: Option<(Layout, Basis)>,
    /// Handed on.
    rows: u64,
    /// Texts begun, besides empty ones.
    texts: usize,
}

impl Reading<'_> {
    /// Reads one text; false when it is empty.
    fn text(&mut self, name: &str, file: &mut dyn Read) -> Result<bool, FileError> {
        let mut lines = Lines::new(file);
        if lines.is_empty()? {
            return Ok(false);
        }
        let Some((form, first)) = self.open(&mut lines)? else { return Ok(false) };
        self.texts += 1;
        let mut symbols = Symbols::new(&form, self.given, name, self.texts)?;
        if form.three_lines {
            let named = yahoo::rest_of_header(&mut lines)?;
            symbols.of_text = Some(self.given.company.clone().map_or(named, Symbol::alone));
        }
        if let Some(line) = first {
            self.line(&form, &mut symbols, &line).map_err(|error| error.at(lines.number()))?;
        }
        loop {
            let Some(line) = lines.next()? else { return Ok(true) };
            let line = line.into_owned();
            self.line(&form, &mut symbols, &line).map_err(|error| error.at(lines.number()))?;
        }
    }

    /// The form of a text, and its first line when that is a row; none when it has no line.
    fn open<R: Read>(&mut self, lines: &mut Lines<R>) -> Result<Option<(Form, Option<String>)>, FileError> {
        for _ in 0..=MOST_WARNINGS {
            let Some(line) = lines.next()?.map(Cow::into_owned) else { return Ok(None) };
            if line.starts_with("Warning:") {
                continue;
            }
            let form = self.recognise(&line).map_err(|error| error.at(lines.number()))?;
            let first = form.headless.then_some(line);
            return Ok(Some((form, first)));
        }
        Err(FileError::unknown(told!("it has nothing but warnings", "警告文しか入っていません")))
    }

    fn recognise(&mut self, line: &str) -> Result<Form, FileError> {
        let cells = cells(line);
        let form = match self.given.layout {
            Some(layout) => layout.recognise(&cells, true).ok_or_else(|| {
                let (name, line, begins) = (layout.as_str(), shown(line), layout.begins());
                FileError::unknown(told!(
                    "it is not {name}: it begins with {line} instead of {begins}",
                    "{name} の形式ではありません。{begins} ではなく {line} で始まっています"
                ))
            })?,
            None => {
                let found = Layout::ALL.into_iter().find_map(|layout| layout.recognise(&cells, false));
                found.ok_or_else(|| unrecognised(line))?
            }
        };
        let basis = self.basis(&form)?;
        match self.layout {
            Some((layout, before)) if layout != form.layout || before != basis => {
                let (this, before) = (form.layout.as_str(), layout.as_str());
                Err(FileError::content(told!(
                    "it is {this}, and the file before it {before}: all files of an archive have one layout",
                    "{this} の形式ですが、前のファイルは {before} です。アーカイブの中の形式は一つに揃えてください"
                )))
            }
            _ => {
                self.layout = Some((form.layout, basis));
                Ok(form)
            }
        }
    }

    /// Nobody can declare away what a vendor adjusts for.
    fn basis(&self, form: &Form) -> Result<Basis, FileError> {
        match self.given.basis {
            Some(basis) if form.layout == Layout::Plain => Ok(basis),
            Some(basis) if basis != form.basis => {
                let (layout, own, basis) = (form.layout.as_str(), form.basis.as_str(), basis.as_str());
                Err(FileError::content(told!(
                    "files of the layout {layout} have the basis {own}, not {basis}; the layout plain may have either",
                    "{layout} の形式の調整方法は {own} で、{basis} ではありません。plain の形式ならどちらも選べます"
                )))
            }
            _ => Ok(form.basis),
        }
    }

    fn line(&mut self, form: &Form, symbols: &mut Symbols, line: &str) -> Result<(), FileError> {
        let Some(symbol) = symbols.of(form, self.given, line)? else { return Ok(()) };
        self.rows += 1;
        let read = form.row(line, symbol);
        self.sink.row(FileRow { code: symbol.code.clone(), country: symbol.country.clone(), read })
    }
}

/// Whose the rows are.
struct Symbols {
    /// Of all rows.
    of_text: Option<Symbol>,
    /// The last cells that were read, and what they mean: neighbouring rows are mostly one company's.
    last: Option<(String, String, Symbol)>,
}

impl Symbols {
    fn new(form: &Form, given: &Given, name: &str, texts: usize) -> Result<Self, FileError> {
        let of_text = match (form.columns.code, &given.company) {
            (Some(_), _) => None,
            (None, Some(company)) if texts == 1 => Some(Symbol::alone(company.clone())),
            (None, Some(_)) => {
                return Err(FileError::content(told!(
                    "an archive of several companies: they cannot all be the one named",
                    "複数の会社のアーカイブなので、すべてを一つの会社として取り込むことはできません"
                )));
            }
            (None, None) if form.three_lines => None,
            (None, None) => Some(symbol::of_file(name)?),
        };
        Ok(Self { of_text, last: None })
    }

    /// None for a row of another company than the one that is wanted.
    fn of(&mut self, form: &Form, given: &Given, line: &str) -> Result<Option<&Symbol>, FileError> {
        if self.of_text.is_some() {
            return Ok(self.of_text.as_ref());
        }
        let cells = cells(line);
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", |cell| cell.as_ref());
        let (code, country) = (cell(form.columns.code), cell(form.columns.country));
        if form.columns.period.is_some() && !cell(form.columns.period).eq_ignore_ascii_case("d") {
            let period = shown(cell(form.columns.period));
            return Err(FileError::content(told!(
                "a bar of the period {period:?}: daily ones (D) are due",
                "期間の種類が {period:?} の行です。日足（D）だけを取り込めます"
            )));
        }
        let known = self.last.as_ref().is_some_and(|last| last.0 == code && last.1 == country);
        if !known {
            let mut symbol = (form.symbol)(code).map_err(FileError::content)?;
            if !country.is_empty() {
                symbol.country = Some(country_code(country)?);
            }
            self.last = Some((code.to_owned(), country.to_owned(), symbol));
        }
        let symbol = self.last.as_ref().map(|last| &last.2);
        Ok(symbol.filter(|symbol| given.company.as_ref().is_none_or(|wanted| *wanted == symbol.code)))
    }
}

fn country_code(text: &str) -> Result<String, FileError> {
    let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    fits.then(|| text.to_ascii_uppercase()).ok_or_else(|| {
        let text = shown(text);
        FileError::content(told!(
            "{text} is no country code; write two letters, as in JP",
            "{text} は国コードではありません。JP のように英字 2 文字で書いてください"
        ))
    })
}
