//! Writing a table into a Parquet file piece by piece; never more of it than a row group is in memory.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use arrow_schema::SchemaRef;
use futures_util::TryStreamExt as _;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties},
};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::{
    ABOUT,
    batch::{record, schema},
};
use crate::{
    http::{
        problem::{Answer, Problem},
        table::column::Table,
    },
    told,
};

/// Rows of a row group at most.
pub const ROW_GROUP: usize = 128 * 1024;

/// A finished file without a name: the system drops it with its last user.
pub struct Written {
    file: Mutex<File>,
    pub length: u64,
    /// Of its bytes.
    pub hash: Vec<u8>,
}

impl Written {
    /// `length` bytes from `at` on. Blocks.
    ///
    /// # Errors
    /// What the system says, or that the file ends before.
    pub fn read(&self, at: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Writes the table into an unnamed file in `folder`, with `head` in its metadata. The same table gives the same bytes.
///
/// # Errors
/// 503 when there is no place for it; what reading the table says.
pub async fn write(folder: PathBuf, head: String, mut table: Table) -> Answer<Written> {
    let schema = schema(&table.columns, HashMap::new());
    let of = SchemaRef::clone(&schema);
    let mut writer = blocking(move || begin(folder, of, head)).await?;
    while let Some(batch) = table.batches.try_next().await? {
        let schema = SchemaRef::clone(&schema);
        writer = blocking(move || {
            writer.write(&record(&schema, &batch)?)?;
            Ok(writer)
        })
        .await?;
    }
    blocking(move || {
        let Sink { file, length, hash } = writer.into_inner()?;
        Ok(Written { file: Mutex::new(file), length, hash: hash.finalize().to_vec() })
    })
    .await
}

fn begin(folder: PathBuf, schema: SchemaRef, head: String) -> Result<ArrowWriter<Sink>, ParquetError> {
    let file = tempfile::tempfile_in(folder)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_key_value_metadata(Some(vec![KeyValue::new(ABOUT.to_owned(), head)]))
        .build();
    ArrowWriter::try_new(Sink { file, length: 0, hash: Sha256::new() }, schema, Some(properties))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, ParquetError> + Send + 'static) -> Answer<T> {
    match spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(ParquetError::External(error))) if error.is::<io::Error>() => {
            tracing::warn!(%error, "a Parquet file could not be written to the folder for temporary files");
            Err(Problem::unavailable(told!(
                "there is no place here for a Parquet file at the moment; the other formats need none",
                "現在 Parquet ファイルの一時保存先がありません。他の形式は利用できます"
            )))
        }
        Ok(Err(error)) => Err(Problem::internal(error)),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// The file, and what is known of it when it is done.
struct Sink {
    file: File,
    length: u64,
    hash: Sha256,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
