"""What may happen, what must follow, and the test that lets it happen: docs/reliability.md's rows.

`make reliability` runs these tests, and the page shows what they found.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A fault that a test brings about, as the function `name` of a file of tests.

    `happens` and `must` are what happens and what must follow, in words.
    """

    name: str
    happens: str
    must: str


FAULTS = {
    "tests/test_changed_file.py": (
        Fault(
            "test_a_change_while_a_partition_is_read_or_after_it",
            "the file is overwritten (also with its time set back), replaced, grown, cut off, "
            "touched or deleted while it is read, or after that",
            "refused: one sentence says what changed",
        ),
        Fault(
            "test_a_run_gives_no_result_of_a_file_that_changed",
            "the file changes before its first partition is read",
            "no result",
        ),
        Fault(
            "test_a_conversion_writes_nothing_of_a_file_that_changed",
            "the file changes during a conversion",
            "the target is as it was",
        ),
    ),
    "tests/test_lost_worker.py": (
        Fault(
            "test_the_check_asks_workers_that_are_started_again",
            "all workers are killed during the check before a run, and come back",
            "the run goes on",
        ),
        Fault(
            "test_the_check_ends_without_workers",
            "the same, and they stay away",
            "one sentence, after the limit for workers",
        ),
        Fault(
            "test_a_result_that_is_lost_is_computed_again",
            "the workers with a result are killed before they hand it over",
            "it is computed again",
        ),
        Fault(
            "test_a_result_that_is_lost_for_good_ends_the_wait",
            "the same, and they stay away",
            "one sentence, after the limit for workers",
        ),
        Fault(
            "test_a_worker_that_freezes_with_its_result_ends_both",
            "a worker freezes with its result",
            "one sentence, after the limit for workers",
        ),
    ),
    "tests/test_too_large.py": (
        Fault(
            "test_a_task_that_is_too_large_ends_after_two_workers",
            "a task takes more memory than its worker may have, and a nanny or the kernel ends it",
            "one sentence with node, task, memory and limit, after two or three workers",
        ),
        Fault(
            "test_a_task_is_not_to_blame_for_other_losses",
            "the workers of one task are killed five times, with memory to spare",
            "its result",
        ),
    ),
    "tests/test_liveness.py": (
        Fault(
            "test_run_on_a_silent_share_ends_and_names_node_and_file",
            "the share answers nothing",
            "one sentence names node and file",
        ),
    ),
    "tests/test_connect.py": (
        Fault(
            "test_a_node_that_differs_is_refused_by_name",
            "a node has another version, another file, or does not see the file",
            "refused before the run, by the node's name",
        ),
    ),
    "tests/test_interrupts.py": (
        Fault(
            "test_a_signal_at_any_moment",
            "Ctrl-C or SIGTERM at moments drawn from the whole of a run, a conversion, a sample",
            "code 130 or 143 and one line within 5 s; files all old or all new; no draft is left",
        ),
        Fault(
            "test_a_signal_as_the_results_appear",
            "Ctrl-C while the results are renamed",
            "the same",
        ),
        Fault(
            "test_a_signal_while_partitions_are_read",
            "Ctrl-C while partitions are read",
            "the same",
        ),
        Fault(
            "test_a_main_thread_that_does_not_hear",
            "Ctrl-C or SIGTERM while the main thread is in a compiler or swallows it",
            "the same",
        ),
        Fault("test_a_second_signal_ends_it_too", "Ctrl-C twice", "the same"),
    ),
    "tests/test_results.py": (
        Fault(
            "test_each_call_may_fail",
            "any write, flush or renaming of the results fails",
            "all files old",
        ),
        Fault(
            "test_a_process_may_die_at_each_call",
            "the process is killed at any of them",
            "the next run makes all files old, and removes the drafts",
        ),
        Fault("test_a_signal_at_each_call", "a signal at any of them", "all files old or all new"),
        Fault("test_a_full_disk", "the disk is full at the second file", "all files old"),
        Fault(
            "test_old_files_that_cannot_be_put_back",
            "the disk fails while the old files are put back",
            "the sentence says so; the next run puts them back",
        ),
        Fault(
            "test_what_cannot_be_replaced_is_told_beforehand",
            "a folder stands where a file of the results should",
            "refused before the run, and nothing is made",
        ),
        Fault(
            "test_a_write_protected_file_is_told_beforehand",
            "a file of the results is write-protected, before the run or during it",
            "refused before it, or all files old",
        ),
        Fault(
            "test_two_runs_into_one_folder",
            "two runs write into one folder at the same moment",
            "one after the other; one that waits for too long gives up",
        ),
    ),
    "tests/test_streams.py": (
        Fault(
            "test_nobody_reads_stderr",
            "stderr is closed, full, or a pipe that nobody reads",
            "the results are written",
        ),
        Fault(
            "test_stdout_takes_nothing",
            "stdout is closed or full",
            "one sentence says why, and which files are written all the same",
        ),
        Fault(
            "test_no_stream_at_all",
            "stdin, stdout and stderr are closed",
            "nothing is printed into a file of the user",
        ),
    ),
    "tests/test_parquet_damage.py": (
        Fault(
            "test_no_bit_of_a_footer_ends_the_process",
            "one bit of a Parquet footer is another, for every third bit",
            "the right values, or one sentence; never the end of the process",
        ),
        Fault(
            "test_a_name_that_is_not_utf8_is_refused",
            "a column's name is not UTF-8",
            "refused in one sentence",
        ),
    ),
    "tests/swarm/test_faults.py": (
        Fault(
            "test_a_worker_may_be_killed_during_a_run_and_is_replaced",
            "a worker is killed during a run",
            "the same bytes; the worker is replaced",
        ),
        Fault("test_a_worker_may_freeze_during_a_run", "a worker freezes", "the same bytes"),
        Fault("test_a_node_may_be_cut_off_during_a_run", "a node is cut off", "the same bytes"),
        Fault("test_a_node_may_be_drained_during_a_run", "a node is drained", "the same bytes"),
        Fault(
            "test_a_node_may_lose_its_label_during_a_run",
            "a node loses its label",
            "the same bytes",
        ),
        Fault(
            "test_a_node_that_is_labelled_during_a_run_takes_tasks",
            "a node is labelled",
            "its worker takes tasks of the run under way; the same bytes",
        ),
        Fault(
            "test_a_run_ends_without_its_scheduler_and_the_next_is_right",
            "the scheduler is killed",
            "one sentence; the next run gives the same bytes",
        ),
    ),
    "tests/swarm/test_service.py": (
        Fault(
            "test_a_terminated_worker_hands_over_its_results",
            "a worker is told to stop",
            "it hands over its results first; nothing is computed twice",
        ),
        Fault(
            "test_a_worker_waits_for_the_scheduler_and_joins_it",
            "the scheduler is away when workers start",
            "they wait for it and join",
        ),
        Fault(
            "test_a_worker_without_the_share_says_so_and_does_not_join",
            "the share is not mounted on a node",
            "its worker says so and takes no task",
        ),
    ),
    "tests/swarm/test_neighbours.py": (
        Fault(
            "test_a_light_run_has_its_share_beside_a_heavy_one",
            "a small run comes while one of 4,000 partitions computes",
            "the large one does at most two tasks for each of the small one's; the same bytes",
        ),
        Fault(
            "test_a_task_that_is_too_large_ends_and_the_others_go_on",
            "a task fills the memory of its workers until the kernel ends them",
            "one sentence with nodes, task, memory and limit; the others' tasks are done",
        ),
    ),
    "tests/hosts/test_life.py": (
        Fault(
            "test_host_that_is_deaf_for_a_while_is_waited_for",
            "a host answers nothing for 30 s",
            "it is waited for",
        ),
        Fault(
            "test_rebooted_worker_works_again_without_help",
            "a worker's host is rebooted",
            "share, membership and worker are back without help",
        ),
        Fault(
            "test_rebooted_manager_brings_all_back",
            "the manager's host is rebooted",
            "share, swarm and workers are back without help",
        ),
        Fault(
            "test_removed_worker_is_missed_by_no_run",
            "`remove-node` during a run",
            "the same bytes",
        ),
        Fault(
            "test_up_goes_on_after_a_failed_add_node",
            "`add-node` of a host that cannot reach the share, during a run",
            "one sentence with host, cause and remedy; mended, `up` goes on",
        ),
        Fault(
            "test_run_waits_for_an_nfs_server_that_comes_back",
            "the NFS server stops during a run, and comes back",
            "the same bytes",
        ),
        Fault(
            "test_run_ends_when_the_nfs_server_stays_away",
            "the NFS server stops for good during a run",
            "one sentence names share and node; the next run is right",
        ),
    ),
}


def faults() -> dict[str, Fault]:
    """Each fault under its test, as pytest names it without parameters."""
    return {f"{path}::{fault.name}": fault for path, rows in FAULTS.items() for fault in rows}
