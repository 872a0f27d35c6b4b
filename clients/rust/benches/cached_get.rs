//! A cached `get` beside its floor, an `Arc` cloned from behind an atomic pointer, in the same run, from one and two threads;
//! and the rendering of a 4 kB prompt. Medians. `--check`: at most 100 ns and 5 times the floor, and 20 µs.
//! `cargo bench -p prompt-assay-client -- --check`

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use arc_swap::ArcSwap;
use prompt_assay_client::{Prompts, Values};

const CALLS: u32 = 200_000;
const ROUNDS: usize = 21;
const RENDERINGS: u32 = 500;

/// Nanoseconds per call, the median of many rounds, each run by so many threads at once.
fn median(threads: usize, calls: u32, work: impl Fn() + Sync) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Barrier::new(threads);
            let times: Vec<f64> = std::thread::scope(|scope| {
                let run = || {
                    start.wait();
                    let began = Instant::now();
                    for _ in 0..calls {
                        work();
                    }
                    began.elapsed().as_nanos() as f64 / f64::from(calls)
                };
                let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
                running.into_iter().map(|thread| thread.join().expect("a thread")).collect()
            });
            times.iter().sum::<f64>() / times.len() as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

/// A hit is ready at once; anything else would be a mistake of the benchmark.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("not a hit"),
    }
}

fn main() -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("Tokio");
    let names: Vec<String> = (0..100).map(|number| format!("prompt-{number}")).collect();
    let long =
        format!("{{% if name %}}Hi {{{{ name }}}}.{{% endif %}} {}", "Be exact, and kind. ".repeat(200));
    let values = names.iter().map(|name| (name.clone(), long.clone()));
    let prompts = Prompts::builder(Values::new(values)).build();
    runtime.block_on(prompts.prefetch(&names)).expect("prompts");
    let one = runtime.block_on(prompts.get("prompt-50")).expect("a prompt");
    let floor = ArcSwap::new(one.clone());
    let mut is_well = true;
    for threads in [1, 2] {
        let lowest = median(threads, CALLS, || {
            black_box(floor.load_full());
        });
        let found = median(threads, CALLS, || {
            black_box(ready(prompts.get(black_box("prompt-50"))).expect("a hit"));
        });
        let times = found / lowest;
        println!("{threads} thread(s): cached get {found:.1} ns, floor {lowest:.1} ns, {times:.1} times");
        is_well &= found <= 100.0 && times <= 5.0;
    }
    let variables = serde_json::json!({"name": "Ada"});
    let rendering = median(1, RENDERINGS, || {
        black_box(one.render(&variables).expect("a text"));
    });
    println!("rendering {} bytes: {:.1} µs", long.len(), rendering / 1000.0);
    is_well &= rendering <= 20_000.0;
    let is_checked = std::env::args().any(|argument| argument == "--check");
    if is_checked && !is_well { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
