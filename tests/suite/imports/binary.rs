//! The command as a user types it, with good files and with everything else.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::daemon::{datainfra, run, text};

const GOOD: &str = "Date,Open,High,Low,Close,Adj Close,Volume\n2024-05-20,100,101,99,100,100,5\n\
                    2024-05-21,100,101,99,100,100,5\n";

fn files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("7203.T.csv"), GOOD).unwrap();
    folder
}

/// Exit status and what was printed.
fn import(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(folder, &[&["import", "bars"], arguments].concat());
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn each_file_has_its_line_and_one_that_fails_does_not_keep_the_others() {
    let folder = files();
    fs::write(folder.path().join("9433.T.csv"), GOOD).unwrap();
    fs::write(folder.path().join("bad.csv"), "a,b\n").unwrap();
    let (status, said) = import(folder.path(), &["7203.T.csv", "bad.csv", "9433.T.csv"]);
    assert_eq!(status, Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("7203.T.csv: yahoo (split), 2 rows of 1 company: succeeded; 2 inserted"), "{said}");
    assert!(lines[1].starts_with("bad.csv: not imported: line 1: no layout that is known here"), "{said}");
    assert!(lines[2].starts_with("9433.T.csv: yahoo"), "{said}");
    assert_eq!(lines[3], "2 of 3 files imported, 1 failed");
    let (status, said) = import(folder.path(), &["7203.T.csv", "9433.T.csv"]);
    assert!(status == Some(0) && said.contains("0 inserted, 0 updated, 2 unchanged"), "{said}");
}

#[test]
fn a_dry_run_prints_what_would_change_for_each_company() {
    let folder = files();
    let (status, said) = import(folder.path(), &["7203.T.csv", "--dry-run"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("7203      would insert 2, update 0, leave 0 unchanged and reject 0 rows"), "{said}");
    assert!(said.contains("1 of 1 file judged, nothing written"), "{said}");
    let (_, said) = import(folder.path(), &["7203.T.csv"]);
    assert!(said.contains("2 inserted"), "{said}");
}

#[test]
fn the_company_and_the_layout_may_be_named_and_mistakes_in_them_are_usage() {
    let folder = files();
    fs::write(folder.path().join("mine.csv"), GOOD).unwrap();
    let (status, said) = import(folder.path(), &["mine.csv"]);
    assert!(status == Some(1) && said.contains("MINE is not in the company master: register it"), "{said}");
    let (status, said) = import(folder.path(), &["mine.csv", "--company", "7203", "--layout", "yahoo"]);
    assert!(status == Some(0) && said.contains("2 inserted"), "{said}");
    for arguments in
        [&["7203.T.csv", "--layout", "excel"][..], &["7203.T.csv", "--basis", "none"], &[], &["x", "--company", "a b"]]
    {
        assert_eq!(import(folder.path(), arguments).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn every_bad_file_is_named_with_its_reason_and_loads_nothing() {
    let folder = files();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("folder")).unwrap();
    fs::write(path("empty.csv"), "").unwrap();
    fs::write(path("header.csv"), GOOD.lines().next().unwrap()).unwrap();
    fs::write(path("binary.csv"), b"\x7fELF\x02\x01\x01\x00\x00\x00").unwrap();
    fs::write(path("utf16.csv"), b"\xff\xfeD\x00a\x00").unwrap();
    fs::write(path("columns.csv"), vec![b','; 10_000_000]).unwrap();
    fs::write(
        path("7203.code.csv"),
        "stock_code,date,open,high,low,close\n7203,2024-05-20,1,1,1,1\n? ?,2024-05-20,1,1,1,1\n",
    )
    .unwrap();
    let mut sparse = fs::File::create(path("sparse.csv")).unwrap();
    sparse.seek(SeekFrom::Start((1 << 30) - 1)).unwrap();
    sparse.write_all(b"\n").unwrap();
    fs::File::create(path("huge.csv")).unwrap().set_len(3 << 30).unwrap();
    archive(&path("bomb.zip"), "7203.jp.csv", &format!("Date,Open,High,Low,Close,Volume\n{}", "\n".repeat(20_000_000)));
    archive(&path("outside.zip"), "../../7203.jp.csv", "Date,Open,High,Low,Close,Volume\n2024-05-20,1,1,1,1,1\n");
    for (file, reason) in [
        ("missing.csv", "No such file"),
        ("folder", "it is a directory; name the files in it"),
        ("empty.csv", "it is empty"),
        ("header.csv", "--company"),
        ("binary.csv", "line 1: it is no text"),
        ("utf16.csv", "line 1: it is UTF-16"),
        ("columns.csv", "line 1: it is longer than 64 KiB"),
        ("7203.code.csv", "line 3: \"? ?\" is no stock code"),
        ("sparse.csv", "line 1: it is no text"),
        ("huge.csv", "it is larger than 2048 MiB"),
        ("/dev/zero", "it is no file"),
        ("bomb.zip", "7203.jp.csv: it unpacks to more than 200 times its size"),
        ("outside.zip", "../../7203.jp.csv: the name leads out of the archive"),
    ] {
        let (status, said) = import(folder.path(), &[file]);
        assert!(status == Some(1) && said.starts_with(&format!("{file}: not imported: ")), "{file}: {said}");
        let named_company = file == "header.csv" || said.contains(reason);
        assert!(named_company, "{file}: {said}");
    }
    let (_, said) = import(folder.path(), &["7203.T.csv"]);
    assert!(said.contains("2 inserted, 0 updated, 0 unchanged"), "nothing was there before: {said}");
    assert!(!folder.path().parent().unwrap().join("7203.jp.csv").exists());
}

fn archive(path: &Path, name: &str, text: &str) {
    let mut writer = ZipWriter::new(fs::File::create(path).unwrap());
    writer.start_file(name, SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap();
}

/// Rows of forty megabytes go through a process that never holds them at once.
#[tokio::test]
async fn a_large_file_is_read_in_bounded_memory() {
    let folder = files();
    let mut file = std::io::BufWriter::new(fs::File::create(folder.path().join("large.csv")).unwrap());
    writeln!(file, "stock_code,date,open,high,low,close,volume").unwrap();
    for n in 0..800_000_u32 {
        writeln!(file, "{},2024-05-{:02},{n}.125,{n}.25,{n}.0,{n}.125,{n}00", 1000 + n % 4000, 1 + n % 28).unwrap();
    }
    writeln!(file, "the last line is wrong").unwrap();
    file.into_inner().unwrap().sync_all().unwrap();
    assert!(fs::metadata(folder.path().join("large.csv")).unwrap().len() > 35_000_000);
    let mut command = datainfra(folder.path());
    let mut child = command.args(["import", "bars", "large.csv"]).stdout(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let read = fs::read_to_string(&status).unwrap_or_default();
        let line = read.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: u64 = line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0);
        peak = peak.max(kib);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(ended.code(), Some(1));
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut said).unwrap();
    assert!(said.contains("line 800002: "), "{said}");
    assert!(peak > 0 && peak < 110 * 1024, "{peak} KiB at most");
}
