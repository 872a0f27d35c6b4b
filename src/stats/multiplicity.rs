//! Several prompts at once: Holm's adjustment, for a dashboard list.

/// Holm's adjusted p-values (1979), in the order given. From an e-value use `min(1, 1/E)`.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut running: f64 = 0.0;
    for (rank, i) in order.iter().enumerate() {
        running = running.max((p.len() - rank) as f64 * p[*i]).min(1.0);
        adjusted[*i] = running;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_below_the_raw_value_and_in_the_same_order() {
        let p = [0.3, 0.001, 0.04, 0.04];
        let adjusted = holm(&p);
        assert!(adjusted.iter().zip(&p).all(|(a, p)| a >= p));
        assert_eq!(adjusted, vec![0.3, 0.004, 0.12, 0.12]);
        assert!(holm(&[]).is_empty());
    }
}
