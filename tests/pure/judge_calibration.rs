//! Calibration: the figures come out as they went in, and the intervals hold what they promise.

use prompt_assay::stats::agreement::{Confusion, Rate};
use prompt_assay::stats::correction::{Corrected, Seen, corrected_difference, powered_difference};

use crate::gate_population::Dice;
use crate::gate_vector_file::{all_close, close, int, ints, num, nums, vectors};

const RUNS: usize = 1_000;

#[test]
fn estimates_lie_in_their_intervals_as_often_as_promised() {
    for (sensitivity, specificity, labels) in
        [(0.90, 0.95, 120), (0.80, 0.70, 160), (0.97, 0.90, 160), (0.60, 0.85, 160)]
    {
        let (mut covered, mut both) = ([0_usize; 3], 0);
        for run in 0..RUNS {
            let mut dice = Dice(0xca11_0000 + run as u64);
            let mut counted = Confusion::default();
            for label in 0..labels {
                let people = label % 2 == 0;
                let passes = if people { sensitivity } else { 1.0 - specificity };
                counted.add(people, dice.unit() < passes);
            }
            let holds = |rate: Option<Rate>, truth: f64| {
                rate.is_some_and(|rate| (rate.ci95.low..=rate.ci95.high).contains(&truth))
            };
            let hits = [
                holds(counted.sensitivity(), sensitivity),
                holds(counted.specificity(), specificity),
                holds(counted.agreement(), (sensitivity + specificity) / 2.0),
            ];
            hits.iter().zip(&mut covered).for_each(|(hit, count)| *count += usize::from(*hit));
            both += usize::from(hits[0] && hits[1]);
        }
        println!(
            "sensitivity {sensitivity}, specificity {specificity}, n {labels}: {covered:?} of {RUNS}, both {both}"
        );
        for count in covered {
            assert!(count * 100 >= 93 * RUNS, "{sensitivity} {specificity} {labels}: {covered:?}");
        }
    }
}

#[test]
fn kappas_interval_holds_the_true_kappa() {
    let (sensitivity, specificity): (f64, f64) = (0.9, 0.85);
    let judge = 0.5 * sensitivity + 0.5 * (1.0 - specificity);
    let truth = ((sensitivity + specificity) / 2.0 - (0.5 * judge + 0.5 * (1.0 - judge))) / 0.5;
    let held = (0..RUNS).filter(|run| {
        let mut dice = Dice(0x0ca9_9a00 + *run as u64);
        let mut counted = Confusion::default();
        for _ in 0..150 {
            let people = dice.unit() < 0.5;
            counted.add(people, dice.unit() < if people { sensitivity } else { 1.0 - specificity });
        }
        counted.kappa().is_some_and(|(_, ci)| (ci.low..=ci.high).contains(&truth))
    });
    let held = held.count();
    assert!(held * 100 >= 93 * RUNS, "{held}");
}

/// What the product finds from a side without doubt, on which nothing passes, to one on which a judge passes this share of
/// so many: the true pass rate behind the judge's (Rogan and Gladen 1978).
fn from_nothing(observed: (f64, usize), sensitivity: (f64, usize), specificity: (f64, usize)) -> Corrected {
    let passed = (observed.0 * observed.1 as f64).round() as usize;
    let pairs: Vec<(Seen, Seen)> =
        (0..observed.1).map(|case| (Seen::Exact(false), Seen::Judged(case < passed))).collect();
    let measured = |(value, of): (f64, usize)| Rate { value, ..rate(1, of) };
    corrected_difference(&pairs, measured(sensitivity), measured(specificity)).expect("better than chance")
}

/// The specification's vectors, and one worked by hand: the truth behind a judge's rate. The standard error is that of the
/// delta method, a little larger for few cases and labels, and the same for many.
#[test]
fn v08_rogan_gladen_and_attenuation() {
    let vectors = vectors();
    let v = &vectors["v08_judge"];
    let holds = |rates: [(f64, usize); 3], theta: f64, se: f64| {
        let of_size = |times: usize| {
            let [observed, sensitivity, specificity] = rates.map(|(value, of)| (value, of * times));
            from_nothing(observed, sensitivity, specificity)
        };
        let (few, many) = (of_size(1), of_size(100));
        assert!((few.estimate - theta).abs() < 1e-9, "{few:?} {theta}");
        assert!((1.0..1.2).contains(&(few.se / se)), "a little less sure: {few:?} {se}");
        assert!((many.se * 10.0 / se - 1.0).abs() < 0.005, "{many:?} {se}");
    };
    for v in v["rogan_gladen"].as_array().expect("cases") {
        let rate = |value: &str, of: &str| (num(&v[value]), int(&v[of]));
        let rates = [rate("p_obs", "n"), rate("sens", "m_pos"), rate("spec", "m_neg")];
        holds(rates, num(&v["theta"]), num(&v["se_delta_method"]));
    }
    holds([(0.8, 100), (0.9, 50), (0.7, 50)], 0.5 / 0.6, 0.090_778_5);
    let example = &v["attenuation_example"];
    let of = |key: &str| Rate { value: num(&example[key]), ..rate(1, 1_000) };
    let judged = |count: usize| (0..100).map(move |case| Seen::Judged(case < count));
    let dropped = (-num(&example["delta_obs"]) * 100.0).round() as usize;
    let pairs: Vec<(Seen, Seen)> = judged(80).zip(judged(80 - dropped)).collect();
    let found = corrected_difference(&pairs, of("sens"), of("spec")).expect("better than chance");
    close(found.estimate, &example["delta_true"]);
}

/// The specification's vectors: labels of both sides correct the judge's paired differences.
#[test]
fn v08_prediction_powered_difference() {
    let vectors = vectors();
    let v = &vectors["v08_judge"]["ppi_paired_difference"];
    let judge = nums(&v["judge_diff"]);
    let labelled: Vec<(usize, f64)> =
        ints(&v["labelled_index"]).into_iter().zip(nums(&v["human_diff"])).collect();
    let found = powered_difference(&judge, &labelled).expect("enough labels");
    close(found.estimate, &v["estimate"]);
    close(found.se, &v["se"]);
    all_close(&[found.ci95.low, found.ci95.high], &v["ci95"]);
    assert_eq!(powered_difference(&judge, &labelled[..1]), None);
}

#[test]
fn people_who_labelled_everything_are_right() {
    let labelled: Vec<(usize, f64)> = (0..12).map(|index| (index, f64::from(u8::from(index < 3)))).collect();
    let found = powered_difference(&[0.0; 12], &labelled).expect("enough labels");
    assert!((found.estimate - 0.25).abs() < 1e-12, "{found:?}");
}

fn rate(hits: usize, of: usize) -> Rate {
    Rate::of(hits, of).expect("some")
}

/// What a judge saw everywhere is corrected as the vectors say.
#[test]
fn a_corrected_difference_is_rogan_and_gladens() {
    let (sensitivity, specificity) = (rate(45, 50), rate(38, 40));
    let verdicts = |count: usize| (0..100).map(move |case| Seen::Judged(case < count));
    let pairs: Vec<(Seen, Seen)> = verdicts(80).zip(verdicts(75)).collect();
    let found = corrected_difference(&pairs, sensitivity, specificity).expect("better than chance");
    assert!((found.estimate + 0.05 / 0.85).abs() < 1e-12, "{found:?}");
    let exact = [(Seen::Exact(false), Seen::Exact(true)), (Seen::Exact(true), Seen::Exact(true))];
    let found = corrected_difference(&exact, sensitivity, specificity).expect("better than chance");
    assert_eq!(found.estimate, 0.5, "no judge, nothing to correct");
    let same = [(Seen::Judged(true), Seen::Judged(true)); 5];
    let found = corrected_difference(&same, sensitivity, specificity).expect("better than chance");
    assert!(found.estimate == 0.0 && found.ci95.high > 0.2, "five cases that agree prove little: {found:?}");
    assert_eq!(corrected_difference(&pairs, rate(1, 2), rate(1, 2)), None, "such a judge tells nothing");
}

/// 200 cases of which a quarter needs no judge; the candidate is worse by 10 points. Judge and labels err at random.
#[test]
fn a_corrected_differences_interval_holds_the_true_difference() {
    let (sensitivity, specificity, labels, cases) = (0.90, 0.85, 60, 200);
    let (mut held, mut plain) = (0, 0.0);
    for run in 0..RUNS {
        let mut dice = Dice(0xc0de_0000 + run as u64);
        let mut measured = |share: f64| {
            let hits = (0..labels).filter(|_| dice.unit() < share).count();
            rate(hits, labels)
        };
        let (q1, q0) = (measured(sensitivity), measured(specificity));
        let mut sees = |passes: f64, is_judged: bool| {
            let is_good = dice.unit() < passes;
            match is_judged {
                true => Seen::Judged(dice.unit() < if is_good { sensitivity } else { 1.0 - specificity }),
                false => Seen::Exact(is_good),
            }
        };
        let pairs: Vec<(Seen, Seen)> = (0..cases)
            .map(|case| {
                let is_judged = case % 4 != 0;
                (sees(0.85, is_judged), sees(0.75, is_judged))
            })
            .collect();
        let found = corrected_difference(&pairs, q1, q0).expect("better than chance");
        held += usize::from((found.ci95.low..=found.ci95.high).contains(&-0.10));
        let passed =
            |which: fn(&(Seen, Seen)) -> Seen| pairs.iter().filter(|pair| which(pair).passed()).count();
        plain += (passed(|pair| pair.1) as f64 - passed(|pair| pair.0) as f64) / cases as f64;
    }
    println!("held in {held} of {RUNS}; uncorrected {:.3} on average", plain / RUNS as f64);
    assert!(held * 100 >= 93 * RUNS, "{held}");
    assert!(plain / RUNS as f64 > -0.09, "errors shrink what is seen: {}", plain / RUNS as f64);
}
