//! The command, as somebody types it.

use std::path::Path;

use crate::{
    daemon::{datainfra, text},
    support::{TestStore, on_both_databases},
};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
const HEAD: &str = "日付,コード,銘柄名,市場・商品区分\n";

/// Whether it did its work, and what it said.
fn run(folder: &Path, store: &TestStore, arguments: &[&str]) -> (i32, String) {
    let output = datainfra(folder).env("DATABASE_URL", &store.url).args(arguments).output().unwrap();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

on_both_databases!(a_workbook_of_jpx_is_imported_and_its_layout_is_named, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| run(folder.path(), &store, arguments);
    let xls = format!("{FIXTURES}/jpx/data_j.xls");
    let (code, tried) = run(&["companies", "import", &xls, "--dry-run"]);
    let expected = "JPX data_j (XLS): 5 issues of 2024-06-28\n5 inserted, 0 updated, 0 unchanged\n";
    assert_eq!((code, tried.as_str()), (0, &*format!("{expected}only tried: nothing was written\n")));
    assert_eq!(run(&["companies", "import", &xls]), (0, expected.to_owned()), "the try has written nothing");
    let xlsx = format!("{FIXTURES}/jpx/data_j.xlsx");
    let again = "JPX data_j (XLSX): 5 issues of 2024-06-28\n0 inserted, 0 updated, 5 unchanged\n";
    assert_eq!(run(&["companies", "import", &xlsx]), (0, again.to_owned()));
    let (_, listed) = run(&["companies", "list"]);
    let fund = listed.lines().find(|line| line.contains("8951")).unwrap();
    assert!(fund.contains("REIT・インフラファンド等") && fund.contains("active"), "{listed}");
    let preferred = listed.lines().find(|line| line.contains("25935")).unwrap();
    assert!(preferred.starts_with("0004 ") && preferred.contains("スタンダード"), "{listed}");
    // J-Quants' master of the next day: names of funds are written in another way there, which is no change.
    let v2 = format!("{FIXTURES}/jquants/companies_v2.json");
    let (code, said) = run(&["companies", "import", &v2, "--known-only", "--as-of", "2024-07-01"]);
    let expected = "J-Quants master V2 (JSON): 4 issues of 2024-07-01\n0 inserted, 2 updated, 3 unchanged\n\
                    1 delisted, 1 renamed\n";
    assert_eq!((code, said.as_str()), (0, expected));
});

on_both_databases!(what_cannot_be_imported_is_said_and_nothing_is_written, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let import = |name: &str| run(folder.path(), &store, &["companies", "import", name]);
    let issue = |code: u32| format!("20240628,{code},会社,プライム（内国株式）\n");
    write("ten.csv", format!("{HEAD}{}", (1301..1311).map(issue).collect::<String>()).as_bytes());
    assert_eq!(import("ten.csv").0, 0);
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    write("binary", b"\x7fELF\x00\x01");
    write("empty.csv", b"");
    write("wrong.csv", b"Date,Open,High,Low,Close,Volume\n2024-06-28,1,1,1,1,1\n");
    write("twice.csv", format!("{HEAD}{0}{0}", issue(1301)).as_bytes());
    write("unknown.csv", format!("{HEAD}20240628,13OA,会社,-\n").as_bytes());
    write("long.csv", format!("{HEAD}20240628,1301,{},-\n", "長".repeat(257)).as_bytes());
    write("short.csv", format!("{HEAD}{}", (1301..1305).map(issue).collect::<String>()).as_bytes());
    write("old.csv", format!("{HEAD}{}", issue(1302).replace("20240628", "20240531")).as_bytes());
    write("future.csv", format!("{HEAD}{}", issue(1302).replace("20240628", "21000101")).as_bytes());
    let file = std::fs::File::create(folder.path().join("huge.csv")).unwrap();
    file.set_len(1 << 30).unwrap();
    for (name, reason) in [
        ("missing.csv", "cannot read missing.csv"),
        ("folder", "is a directory"),
        ("binary", "binary: is binary"),
        ("empty.csv", "empty.csv: is empty"),
        ("wrong.csv", "none of the layouts"),
        ("twice.csv", "line 3, コード: 1301 stands in line 2 already"),
        ("unknown.csv", "line 2, コード: \"13OA\" is no code"),
        ("long.csv", "line 2, 銘柄名: has 257 characters"),
        ("short.csv", "lacks 6 of 10 active companies"),
        ("old.csv", "older than that of 2024-06-28"),
        ("future.csv", "the list is of 2100-01-01"),
        ("huge.csv", "is larger than 16 MiB"),
    ] {
        let (code, said) = import(name);
        assert_eq!(code, 1, "{name}: {said}");
        assert!(said.contains(reason) && !said.contains("panicked"), "{name}: {said}");
    }
    assert!(import("short.csv").1.contains("--force applies it all the same"));
    let (_, listed) = run(folder.path(), &store, &["companies", "list"]);
    assert_eq!(listed.matches(" active ").count(), 10, "{listed}");
    let (code, said) = run(folder.path(), &store, &["companies", "import", "short.csv", "--force"]);
    assert!(code == 0 && said.contains("6 delisted"), "{said}");
});

on_both_databases!(the_plain_file_dates_what_it_changes, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let head = "company_id,company_name,stock_code,country_code,listed_market,status\n";
    let import = |rows: &str, more: &[&str]| {
        std::fs::write(folder.path().join("c.csv"), format!("{head}{rows}")).unwrap();
        let (code, said) = run(folder.path(), &store, &[&["companies", "import", "c.csv"], more].concat());
        assert_eq!(code, 0, "{said}");
        said
    };
    import("0007,甲,1301,JP,スタンダード,active\n", &[]);
    let rows = "0007,乙,1301,JP,プライム,active\n0008,丙,1302,JP,プライム,active\n";
    let said = import(rows, &["--as-of", "2024-06-03", "--known-only"]);
    let expected = "0 inserted, 1 updated, 0 unchanged, 1 left out\n1 changed segment, 1 renamed";
    assert!(said.contains(expected), "{said}");
    let master = super::fixture::Master::new(&store, &[]).await;
    let changes = ["2024-06-03 name: 甲 → 乙 (csv)", "2024-06-03 segment: スタンダード → プライム (csv)"];
    assert_eq!(master.changes("1301").await, changes);
    assert_eq!(master.all().await.len(), 1);
    master.database.close().await;
});

on_both_databases!(the_plain_file_is_held_to_what_the_api_asks_of_a_company, |store: TestStore| async {
    let folder = tempfile::tempdir().unwrap();
    let head = "company_id,company_name,stock_code,country_code,listed_market\n";
    let import = |rows: &str| {
        std::fs::write(folder.path().join("c.csv"), format!("{head}{rows}")).unwrap();
        run(folder.path(), &store, &["companies", "import", "c.csv"])
    };
    let (code, said) = import("0007,甲,1301,JP,x\n");
    assert!(code == 0 && said.contains(": 1 company\n"), "{said}");
    let (code, said) = import("9103,Dup,1301,US,x\n0008,乙,1302,JP,x\n9102,Far,AAPL,XX,x\n9101,Odd,1B01,JP,x\n");
    let expected = "datainfra: nothing imported\n\
        c.csv: line 2, stock_code: 1301 belongs to the company 0007 of JP; a code names one company only\n\
        c.csv: line 4, country_code: the trading days of XX are not known; those of JP and US are\n\
        c.csv: line 5, stock_code: 1B01 is no code of Tokyo's exchange, such as 7203, 130A or 25935\n";
    assert_eq!((code, said.as_str()), (1, expected));
    let master = super::fixture::Master::new(&store, &[]).await;
    assert_eq!(master.all().await.len(), 1, "the row that was right is not there either");
    // What another program filled may be odd; it goes out and comes back.
    let odd = "INSERT INTO company (company_id, company_name, stock_code, country_code, listed_market) \
               VALUES ('9101', 'Odd', '1B01', 'JP', 'x'), ('9102', 'Far', '1301', 'XX', 'x')";
    data_infrastructure::db::execute(master.database.connection(), odd, []).await.unwrap();
    master.database.close().await;
    let (_, exported) = run(folder.path(), &store, &["companies", "export"]);
    assert!(exported.contains("1B01,JP") && exported.contains("1301,XX"), "{exported}");
    std::fs::write(folder.path().join("exported.csv"), exported).unwrap();
    let (code, said) = run(folder.path(), &store, &["companies", "import", "exported.csv"]);
    assert!(code == 0 && said.contains("0 inserted, 0 updated, 3 unchanged"), "{said}");
});
