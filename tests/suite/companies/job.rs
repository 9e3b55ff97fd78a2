//! The weekly job over a source that answers as it is told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use data_infrastructure::{
    app::{self, Assembly, MoreJobs},
    clock::Clock,
    config,
    crawl::{Answer, Refusal, source::Source},
    jobs::{Job, Run, RunParams, RunState, Task, Trigger, TriggerError, Triggered, store},
    stock::{
        calendar::{Calendar, Market, MarketDay},
        company::CompanyStatus,
        jobs::{CompanyJob, CompanyJobParts, ExchangeCalendar},
        listing::IssueList,
        sources::{CalendarQuery, ListQuery},
    },
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::fixture::{Master, list_of};
use crate::{
    support::{TestStore, on_both_databases},
    world::{TODAY, World, day, evening},
};

type Said = Result<Answer<IssueList>, Refusal>;

/// Answers in this order, and remembers how often it was asked.
#[derive(Default)]
struct FakeSource {
    answers: Mutex<VecDeque<Said>>,
    asked: Mutex<Vec<ListQuery>>,
}

#[async_trait]
impl Source<ListQuery, IssueList> for FakeSource {
    fn name(&self) -> &'static str {
        "jquants"
    }

    async fn fetch(&self, query: &ListQuery, _cancel: &CancellationToken) -> Said {
        self.asked.lock().unwrap().push(*query);
        self.answers.lock().unwrap().pop_front().expect("an answer is left")
    }
}

/// The embedded calendar, but for one day.
struct MovedHoliday;

const MOVED: &str = "2024-07-15";

#[async_trait]
impl Source<CalendarQuery, Vec<MarketDay>> for MovedHoliday {
    fn name(&self) -> &'static str {
        "jquants"
    }

    async fn fetch(
        &self,
        query: &CalendarQuery,
        _cancel: &CancellationToken,
    ) -> Result<Answer<Vec<MarketDay>>, Refusal> {
        let days = query.days.from.iter_days().take_while(|date| *date <= query.days.to);
        let is_open = |date| Calendar::embedded(Market::Tokyo).is_session(date) || date == day(MOVED);
        Ok(Answer::Data(days.map(|date| MarketDay { date, is_open: is_open(date) }).collect()))
    }
}

/// A process with the job, on an evening in June 2024.
struct Process {
    master: Master,
    source: Arc<FakeSource>,
    assembly: Assembly,
    cancel: CancellationToken,
    tasks: JoinSet<()>,
}

impl Process {
    async fn new(store: &TestStore) -> Self {
        let companies = [("0001", "1301", "プライム"), ("0002", "1302", "グロース"), ("0003", "1303", "グロース")];
        let master = Master::new(store, &companies).await;
        let env = [
            ("DATAINFRA__DATABASE__URL", store.url.as_str()),
            ("DATAINFRA__JOBS__COMPANY__RETRY_BACKOFF", "1ms"),
            ("DATAINFRA__JOBS__COMPANY__MAX_ATTEMPTS", "2"),
        ];
        let env = env.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let config = config::parse(None, &BTreeMap::from(env)).unwrap();
        let metrics = Arc::new(app::metrics(&MoreJobs::default()).unwrap());
        let source = Arc::new(FakeSource::default());
        let (asked, settings) = (Arc::clone(&source), config.stock.company_job.clone());
        let build = move |parts: &app::JobParts| {
            let (database, metrics) = (parts.database.clone(), Arc::clone(&parts.metrics));
            let source = Arc::<FakeSource>::clone(&asked);
            let exchange = ExchangeCalendar::new(database.clone(), Arc::new(MovedHoliday));
            let parts = CompanyJobParts { database, source, exchange, metrics };
            let job: Arc<dyn Job> = Arc::new(CompanyJob::new(parts));
            Ok(vec![(job, settings.clone())])
        };
        let more = MoreJobs { names: vec![CompanyJob::NAME], build: Arc::new(build), ..MoreJobs::default() };
        let clock = Clock::fixed(evening(day("2024-06-29")));
        let assembly = app::assemble(&config, &more, master.database.clone(), &metrics, &clock, "daemon").unwrap();
        let (cancel, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let (executor, token) = (assembly.executor.clone(), cancel.clone());
        tasks.spawn(async move { executor.work(&token).await });
        Self { master, source, assembly, cancel, tasks }
    }

    /// A run in which the source says these things, and its one task.
    async fn run(&self, said: Vec<Said>, params: RunParams) -> (Run, Task) {
        *self.source.answers.lock().unwrap() = said.into();
        let made = self.assembly.triggers.run("company", Trigger::Manual, &params, "", None, None).await.unwrap();
        let Triggered::New(run) = made else { panic!("a new run") };
        let wait = async {
            loop {
                let run = store::find_run(self.master.database.connection(), &run.id).await.unwrap().unwrap();
                if run.state.is_final() {
                    return run;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let run = tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the run ends");
        let tasks = store::list_tasks(self.master.database.connection(), &run.id, None, None, 10).await.unwrap();
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        (run, tasks.into_iter().next().unwrap())
    }

    async fn end(mut self) {
        self.assembly.executor.drain(Duration::from_secs(5)).await;
        self.cancel.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.master.database.close().await;
    }
}

fn friday() -> IssueList {
    let issues =
        [("1301", "会社1301", "スタンダード"), ("1302", "会社1302", "グロース"), ("130A", "新会社", "グロース")];
    IssueList { source: "jquants", ..list_of("2024-06-28", &issues) }
}

on_both_databases!(the_job_updates_known_companies_and_says_what_changed, |store: TestStore| async {
    let process = Process::new(&store).await;
    let (run, task) = process.run(vec![Ok(Answer::Data(friday()))], RunParams::default()).await;
    assert_eq!((run.state, task.key.as_str()), (RunState::Succeeded, "JP"), "{task:?}");
    let told = format!("list of 2024-06-28: 1 delisted, 1 changed segment; the exchange says: {MOVED} is a session");
    assert_eq!(task.message.as_deref(), Some(told.as_str()));
    assert_eq!(task.source.as_deref(), Some("jquants"));
    let rows = run.rows;
    assert_eq!((rows.fetched, rows.inserted, rows.updated, rows.unchanged), (3, 0, 2, 1));
    assert_eq!(process.master.all().await.len(), 3, "it adds no company");
    assert_eq!(process.master.find("1303").await.status, CompanyStatus::Delisted);
    assert_eq!(process.master.changes("1301").await, ["2024-06-28 segment: プライム → スタンダード (jquants)"]);
    assert!(process.master.audit().await.iter().all(|row| row.action != "company.import"), "nobody did it");
    assert_eq!(*process.source.asked.lock().unwrap(), [ListQuery { day: None }]);

    let (_, again) = process.run(vec![Ok(Answer::Data(friday()))], RunParams::default()).await;
    assert_eq!(again.message.as_deref(), Some("list of 2024-06-28: nothing new"), "and nobody asks again that day");
    let kept = format!("SELECT count(*) FROM market_day WHERE day = '{MOVED}' AND is_session AND country_code = 'JP'");
    assert_eq!(
        (process.master.count(&kept).await, process.master.count("SELECT count(*) FROM market_day").await),
        (1, 1)
    );
    assert_eq!((again.rows.updated, again.rows.unchanged), (0, 2));
    process.end().await;
});

on_both_databases!(a_list_that_is_older_or_a_part_changes_nothing, |store: TestStore| async {
    let process = Process::new(&store).await;
    process.run(vec![Ok(Answer::Data(friday()))], RunParams::default()).await;
    let before = process.master.all().await;
    // A plan with a delay gives lists that an import has overtaken: nobody need be woken.
    let late = IssueList { as_of: day("2024-04-05"), ..friday() };
    let late = IssueList { issues: late.issues[1..].to_vec(), ..late };
    let (run, task) = process.run(vec![Ok(Answer::Data(late))], RunParams::default()).await;
    assert_eq!(run.state, RunState::Succeeded);
    assert!(task.message.as_deref().is_some_and(|told| told.contains("older than that of 2024-06-28")), "{task:?}");
    let short = IssueList { as_of: day("2024-07-01"), issues: friday().issues[2..].to_vec(), ..friday() };
    let (run, task) = process.run(vec![Ok(Answer::Data(short))], RunParams::default()).await;
    assert_eq!((run.state, task.attempts), (RunState::Failed, 1));
    assert!(task.error.as_deref().is_some_and(|error| error.contains("lacks 2 of 2 active companies")), "{task:?}");
    assert_eq!(process.master.all().await, before);
    process.end().await;
});

#[tokio::test]
async fn a_source_that_may_answer_later_is_asked_again_and_another_is_not() {
    let store = TestStore::sqlite();
    let process = Process::new(&store).await;
    let network = || Err(Refusal::Network { reason: "reset".into() });
    let (run, task) = process.run(vec![network(), Ok(Answer::Data(friday()))], RunParams::default()).await;
    assert_eq!((run.state, task.attempts), (RunState::Succeeded, 2));
    let (run, task) = process.run(vec![network(), network()], RunParams::default()).await;
    assert_eq!((run.state, task.error.as_deref()), (RunState::Failed, Some("jquants: network: reset")));
    let blocked = Err(Refusal::Blocked { reason: "bad key".into() });
    let (run, task) = process.run(vec![blocked], RunParams::default()).await;
    assert_eq!((run.state, task.attempts), (RunState::Failed, 1));
    let (run, task) = process.run(vec![Ok(Answer::NoNewData)], RunParams::default()).await;
    assert_eq!((run.state, task.message.as_deref()), (RunState::Succeeded, Some("jquants has no list")));
    process.end().await;
}

#[tokio::test]
async fn a_dry_run_asks_nobody_and_other_parameters_are_refused() {
    let store = TestStore::sqlite();
    let process = Process::new(&store).await;
    let dry = RunParams { dry_run: true, ..RunParams::default() };
    let (run, task) = process.run(Vec::new(), dry).await;
    let told = Some("would ask jquants for its list of issues");
    assert_eq!((run.state, task.message.as_deref()), (RunState::Succeeded, told));
    assert!(process.source.asked.lock().unwrap().is_empty());
    for (params, wrong) in [
        (RunParams { from: Some(day("2024-01-04")), ..RunParams::default() }, "from"),
        (RunParams { companies: vec!["7203".into()], ..RunParams::default() }, "companies"),
    ] {
        let refused = process.assembly.triggers.run("company", Trigger::Manual, &params, "", None, None).await;
        let Err(TriggerError::Params(problems)) = refused else { panic!("refused") };
        assert_eq!(problems.iter().map(|problem| problem.param).collect::<Vec<_>>(), [wrong]);
    }
    process.end().await;
}

#[tokio::test]
async fn there_is_no_such_job_without_a_source_and_it_is_weekly_otherwise() {
    let store = TestStore::sqlite();
    let world = World::new(&store, &["1101"]).await;
    assert!(world.assembly.registry.find("company").is_none(), "J-Quants is not enabled on {TODAY}");
    world.end().await;
    let process = Process::new(&store).await;
    let job = process.assembly.registry.find("company").unwrap();
    let next = (job.upcoming)("2026-11-20T00:00:00Z".parse().unwrap(), 2);
    let next: Vec<String> = next.iter().map(ToString::to_string).collect();
    assert_eq!(next, ["2026-11-20 21:00:00 UTC", "2026-11-27 21:00:00 UTC"], "Saturdays at six in Tokyo");
    process.end().await;
}
