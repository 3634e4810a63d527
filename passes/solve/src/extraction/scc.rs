//! Strongly connected components, without recursion: graphs of compilers are thousands of classes deep.

/// The component of each node, after Tarjan (SIAM J. Comput. 1, 1972). Components are numbered so that
/// edges between different ones run from the larger number to the smaller.
pub(super) fn components(edges: &[Vec<u32>]) -> Vec<u32> {
    const NEW: u32 = u32::MAX;
    let mut component = vec![NEW; edges.len()];
    let mut order = vec![NEW; edges.len()];
    let mut low = vec![NEW; edges.len()];
    let (mut next, mut found) = (0u32, 0u32);
    let mut open: Vec<usize> = Vec::new();
    let mut calls: Vec<(usize, usize)> = Vec::new();
    for start in 0..edges.len() {
        if order[start] != NEW {
            continue;
        }
        calls.push((start, 0));
        while let Some((v, at)) = calls.pop() {
            if at == 0 {
                order[v] = next;
                low[v] = next;
                next += 1;
                open.push(v);
            } else {
                low[v] = low[v].min(low[edges[v][at - 1] as usize]);
            }
            let mut at = at;
            let mut descend = None;
            while let Some(&w) = edges[v].get(at) {
                at += 1;
                let w = w as usize;
                if order[w] == NEW {
                    descend = Some(w);
                    break;
                }
                if component[w] == NEW {
                    low[v] = low[v].min(order[w]);
                }
            }
            if let Some(w) = descend {
                calls.push((v, at));
                calls.push((w, 0));
                continue;
            }
            if low[v] == order[v] {
                while let Some(w) = open.pop() {
                    component[w] = found;
                    if w == v {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn cycles_share_a_component_and_edges_run_downwards() {
        let c = components(&[vec![1], vec![2], vec![0, 3], vec![4], vec![3], vec![]]);
        assert_eq!((c[0], c[1], c[3]), (c[1], c[2], c[4]));
        assert!(c[2] > c[3] && c[5] != c[0]);
    }

    #[test]
    fn a_long_chain_does_not_overflow() {
        let n = 200_000u32;
        let chain: Vec<Vec<u32>> = (1..=n).map(|i| if i < n { vec![i] } else { vec![] }).collect();
        let c = components(&chain);
        assert!(c[0] > c[1] && c.len() == 200_000);
    }
}
