//! A cached `get` beside its floor, an `Arc` cloned from behind an atomic pointer, from one and two threads; ten million
//! of them over an hour, and what they read; and the rendering of a 4 kB prompt.
//!
//! `cargo bench -p prompt-assay-client -- --check` fails where a `get` takes more than 100 ns or five times its floor,
//! where a rendering takes more than 20 µs, or where the hour makes more reads than one per time to live.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use prompt_assay_client::{Answer, Found, Key, Prompt, Prompts, Reading, Source};
use tokio::runtime;

/// Rounds are short, and many: most of them end before the machine turns to something else.
const CALLS: u32 = 20_000;
const ROUNDS: usize = 201;
const RENDERINGS: u32 = 500;
const TTL: u64 = 300;

/// Every prompt has this text; reads are counted.
struct Store {
    text: String,
    reads: Arc<AtomicUsize>,
}

impl Source for Store {
    fn kind(&self) -> &'static str {
        "store"
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let answer: Answer = Ok(Found { content: self.text.clone(), version: Some(1) });
        Box::pin(async move { vec![answer; keys.len()] })
    }
}

/// Nanoseconds of one call out of so many, with so many threads at once.
fn time(threads: usize, calls: u32, work: impl Fn() + Sync) -> f64 {
    let ready = AtomicUsize::new(0);
    let run = || {
        // No barrier: whom it wakes comes late.
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < threads {
            std::hint::spin_loop();
        }
        let began = Instant::now();
        work();
        began.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    let times: Vec<f64> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    });
    times.iter().sum::<f64>() / times.len() as f64
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// A hit is ready at once; anything else would be a mistake of the benchmark.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("not a hit"),
    }
}

/// Floor and `get`, each round one after the other: what else the machine does meets both.
fn gets(prompts: &Prompts, one: &Arc<Prompt>, threads: usize) -> bool {
    let floor = ArcSwap::new(Arc::clone(one));
    let rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let lowest = time(threads, CALLS, || {
                for _ in 0..CALLS {
                    black_box(floor.load_full());
                }
            });
            let found = time(threads, CALLS, || {
                ready(async {
                    for _ in 0..CALLS {
                        black_box(prompts.get(black_box("prompt-50")).await.expect("a hit"));
                    }
                });
            });
            (lowest, found)
        })
        .collect();
    let lowest = median(rounds.iter().map(|round| round.0).collect());
    let found = median(rounds.iter().map(|round| round.1).collect());
    let times = median(rounds.iter().map(|(lowest, found)| found / lowest).collect());
    println!("{threads} thread(s): cached get {found:.1} ns, floor {lowest:.1} ns, {times:.1} times");
    found <= 100.0 && times <= 5.0
}

/// Ten million gets over an hour that passes at once.
fn an_hour(text: &str) -> bool {
    let reads = Arc::new(AtomicUsize::new(0));
    let store = Store { text: text.to_owned(), reads: Arc::clone(&reads) };
    let prompts = Prompts::builder(store).ttl(Duration::from_secs(TTL)).background(true).build();
    let paused =
        runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("Tokio");
    let names: Vec<String> = (0..10).map(|number| format!("prompt-{number}")).collect();
    paused.block_on(async {
        prompts.prefetch(&names).await.expect("prompts");
        for _ in 0..1000 {
            tokio::time::advance(Duration::from_millis(3600)).await;
            for _ in 0..1000 {
                for name in &names {
                    black_box(prompts.get(name).await.expect("a prompt"));
                }
            }
        }
    });
    let (reads, most) = (reads.load(Ordering::Relaxed), 3600_usize.div_ceil(TTL as usize) + 1);
    println!("10 million gets of ten prompts over an hour: {reads} reads, {most} at most");
    reads <= most
}

fn main() -> ExitCode {
    let text =
        format!("{{% if name %}}Hi {{{{ name }}}}.{{% endif %}} {}", "Be exact, and kind. ".repeat(200));
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("Tokio");
    let names: Vec<String> = (0..100).map(|number| format!("prompt-{number}")).collect();
    let prompts =
        Prompts::builder(Store { text: text.clone(), reads: Arc::default() }).background(true).build();
    runtime.block_on(prompts.prefetch(&names)).expect("prompts");
    let one = runtime.block_on(prompts.get("prompt-50")).expect("a prompt");
    let variables = serde_json::json!({"name": "Ada"});
    let render = || {
        for _ in 0..RENDERINGS {
            black_box(one.render(&variables).expect("a text"));
        }
    };
    let held = [1, 2].map(|threads| gets(&prompts, &one, threads));
    let rendering = median((0..ROUNDS).map(|_| time(1, RENDERINGS, render)).collect()) / 1000.0;
    println!("rendering {} bytes: {rendering:.1} µs", text.len());
    let is_well = held == [true, true] && an_hour(&text) && rendering <= 20.0;
    let is_checked = std::env::args().any(|argument| argument == "--check");
    if is_checked && !is_well { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
