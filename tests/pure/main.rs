//! Values in, values out: the library and the files of this repository, without a process, a server or a store.

mod affected_set;
mod architecture;
mod aws_page;
mod cli_docs;
mod demo_data;
mod demo_story;
mod foreign_files;
mod fuzzing;
mod gate_decisions;
mod gate_judged;
mod gate_lost_calls;
mod gate_properties;
mod gate_simulation;
mod gate_trace;
mod gate_trades;
mod gate_vector_file;
mod gate_vectors;
mod judge_calibration;
mod judge_prompts;
mod lint_page;
mod prices;
mod readme;
mod schemas;
mod stored_values;
mod trade_vectors;
mod workflows;

use prompt_assay_test_support::population as gate_population;
