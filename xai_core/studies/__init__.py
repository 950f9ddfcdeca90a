"""The analyses, one file each: maps and labels in, tidy tables, tests and sentences out."""

from xai_core.measures import FOREGROUND_MEASURES
from xai_core.stats import mean_interval, share_interval
from xai_core.stats.paired import FEWEST_FOR_EFFECT
from xai_core.studies.attention import ObjectAttention, attention_table, confused_classes, object_attention
from xai_core.studies.attention_in_words import AttentionAnswer, attention_answer, attention_sentence
from xai_core.studies.averaged_gradients import averaging_check, averaging_correlations, averaging_table
from xai_core.studies.calibration_test import CalibrationTest, calibration_test
from xai_core.studies.card_of_confidence import confidence_hypothesis
from xai_core.studies.card_of_foreground import foreground_hypothesis
from xai_core.studies.card_of_layers import layer_hypothesis
from xai_core.studies.card_of_training import comparison_hypothesis, training_hypothesis
from xai_core.studies.checked import Checked
from xai_core.studies.class_gate import ClassSeen, class_seen, explained_in_words, gate_limit, seen_classes
from xai_core.studies.columns import column_in_words
from xai_core.studies.deletion import deletion_areas, deletion_sentence
from xai_core.studies.evaluation import (
    ShownConfusion,
    Summary,
    calibration,
    calibration_error,
    class_report,
    confused_pairs,
    confusion,
    judged,
    shown_confusion,
    summarise,
)
from xai_core.studies.foreground import foreground_background, map_similarity
from xai_core.studies.foreground_conclusion import Conclusion, conclude
from xai_core.studies.foreground_in_words import foreground_in_words
from xai_core.studies.foreground_verdict import ForegroundVerdict, foreground_verdict
from xai_core.studies.gallery import GALLERY_SORTS, Rightness, choose_pictures, right_pictures, rival
from xai_core.studies.groups import by_group, counting_pictures, group_means, with_groups, with_kin
from xai_core.studies.guess import GUESS_GRID, GuessScore, guess_sentence, guesses_sentence, score_guess
from xai_core.studies.hypothesis import Hypothesis, Tone, effect_in_words, numbers_of, with_guest
from xai_core.studies.in_plain_words import depth_in_words
from xai_core.studies.interventions import dose_row, dose_sentence, intervention_tests
from xai_core.studies.label_co_occurrence import CoOccurrence, co_occurrence
from xai_core.studies.label_curves import PrecisionRecall, label_calibration, precision_recall
from xai_core.studies.label_evaluation import LabelSummary, label_report, label_table, summarise_labels
from xai_core.studies.label_findings import label_findings, labels_hypothesis
from xai_core.studies.label_gallery import (
    LABEL_OUTCOMES,
    LABEL_SORTS,
    NO_LABEL,
    LabelOutcome,
    choose_labelled,
    found_pictures,
    other_label,
    worst_label,
)
from xai_core.studies.labelled_maps import maps_by_label
from xai_core.studies.layer_faithfulness import Faithfulness, faithfulness_columns, layer_faithfulness
from xai_core.studies.layer_focus import LayerFocus, layer_focus, sweep
from xai_core.studies.layer_order import LayerOrder, layer_order
from xai_core.studies.lent_masks import Lent, labels_or_classes, lend_masks
from xai_core.studies.map_agreement import Agreement, agreement, agreements
from xai_core.studies.map_criteria import CRITERIA, MapCriterion
from xai_core.studies.map_measures import MEASURES, THRESHOLD, Grid, MapMeasures, measure_maps
from xai_core.studies.map_references import centred_blob, finding_scores, reference_check, reference_scores
from xai_core.studies.mask_control import column_of, control_table
from xai_core.studies.mean_maps import MeanMap, mean_map
from xai_core.studies.method_ranking import OUTCOMES, MethodRanking, rank_methods, ranking_in_words
from xai_core.studies.misclassification import false_positives_sentence, misclassification_findings
from xai_core.studies.models_compared import compare_models, models_sentences
from xai_core.studies.name_order import name_order
from xai_core.studies.near_copies import NearCopies, near_copies, with_copies
from xai_core.studies.on_mask import mask_problem, share_on_object
from xai_core.studies.paired import PairedTests, compare_groups, control_tests, measure_tests, paired_tests
from xai_core.studies.reliance import Reliance, rests_on, rests_on_by_label
from xai_core.studies.reliance_in_words import behind, labels_sentence, reliance_sentence
from xai_core.studies.repeatability import chance_check, seeds_check
from xai_core.studies.rules import RULES
from xai_core.studies.runs_compared import RunComparison, compare_runs, comparison_limits, comparison_sentence
from xai_core.studies.shortcut_dial import dial_sentences, first_worse
from xai_core.studies.shortcut_reading import ShortcutReading, accuracy_words, shortcut_reading
from xai_core.studies.tallies import phones_sentence, tally_sentence, votes_sentence
from xai_core.studies.training_evolution import EVOLUTION_MEASURES, EvolutionRows, Only, choose_rows, evolution_rows
from xai_core.studies.training_findings import evolution_findings, settled_since, top_confusions
from xai_core.studies.trust import (
    Check,
    Grade,
    Trust,
    agreement_check,
    black_box_check,
    deletion_check,
    flat_check,
    judge,
    made_elsewhere_check,
    randomisation_check,
)
from xai_core.studies.untrained_layers import UntrainedLayers, untrained_layers
from xai_core.studies.untrained_maps import UntrainedMaps, beyond_others, untrained_maps
from xai_core.studies.validation_gap import class_gap_finding, class_gaps
from xai_core.studies.verdict import Verdict, format_value, layer_verdict, sweep_sentence
from xai_core.studies.words import Finding, format_p, listed, percent, typeset, uncapitalised, unknown_labels
from xai_core.types.superpixels import shared_top

__all__ = [
    "CRITERIA",
    "EVOLUTION_MEASURES",
    "FEWEST_FOR_EFFECT",
    "FOREGROUND_MEASURES",
    "GALLERY_SORTS",
    "GUESS_GRID",
    "LABEL_OUTCOMES",
    "LABEL_SORTS",
    "MEASURES",
    "NO_LABEL",
    "OUTCOMES",
    "RULES",
    "THRESHOLD",
    "Agreement",
    "AttentionAnswer",
    "CalibrationTest",
    "Check",
    "Checked",
    "ClassSeen",
    "CoOccurrence",
    "Conclusion",
    "EvolutionRows",
    "Faithfulness",
    "Finding",
    "ForegroundVerdict",
    "Grade",
    "Grid",
    "GuessScore",
    "Hypothesis",
    "LabelOutcome",
    "LabelSummary",
    "LayerFocus",
    "LayerOrder",
    "Lent",
    "MapCriterion",
    "MapMeasures",
    "MeanMap",
    "MethodRanking",
    "NearCopies",
    "ObjectAttention",
    "Only",
    "PairedTests",
    "PrecisionRecall",
    "Reliance",
    "Rightness",
    "RunComparison",
    "ShortcutReading",
    "ShownConfusion",
    "Summary",
    "Tone",
    "Trust",
    "UntrainedLayers",
    "UntrainedMaps",
    "Verdict",
    "accuracy_words",
    "agreement",
    "agreement_check",
    "agreements",
    "attention_answer",
    "attention_sentence",
    "attention_table",
    "averaging_check",
    "averaging_correlations",
    "averaging_table",
    "behind",
    "beyond_others",
    "black_box_check",
    "by_group",
    "calibration",
    "calibration_error",
    "calibration_test",
    "centred_blob",
    "chance_check",
    "choose_labelled",
    "choose_pictures",
    "choose_rows",
    "class_gap_finding",
    "class_gaps",
    "class_report",
    "class_seen",
    "co_occurrence",
    "column_in_words",
    "column_of",
    "compare_groups",
    "compare_models",
    "compare_runs",
    "comparison_hypothesis",
    "comparison_limits",
    "comparison_sentence",
    "conclude",
    "confidence_hypothesis",
    "confused_classes",
    "confused_pairs",
    "confusion",
    "control_table",
    "control_tests",
    "counting_pictures",
    "deletion_areas",
    "deletion_check",
    "deletion_sentence",
    "depth_in_words",
    "dial_sentences",
    "dose_row",
    "dose_sentence",
    "effect_in_words",
    "evolution_findings",
    "evolution_rows",
    "explained_in_words",
    "faithfulness_columns",
    "false_positives_sentence",
    "finding_scores",
    "first_worse",
    "flat_check",
    "foreground_background",
    "foreground_hypothesis",
    "foreground_in_words",
    "foreground_verdict",
    "format_p",
    "format_value",
    "found_pictures",
    "gate_limit",
    "group_means",
    "guess_sentence",
    "guesses_sentence",
    "intervention_tests",
    "judge",
    "judged",
    "label_calibration",
    "label_findings",
    "label_report",
    "label_table",
    "labels_hypothesis",
    "labels_or_classes",
    "labels_sentence",
    "layer_faithfulness",
    "layer_focus",
    "layer_hypothesis",
    "layer_order",
    "layer_verdict",
    "lend_masks",
    "listed",
    "made_elsewhere_check",
    "map_similarity",
    "maps_by_label",
    "mask_problem",
    "mean_interval",
    "mean_map",
    "measure_maps",
    "measure_tests",
    "misclassification_findings",
    "models_sentences",
    "name_order",
    "near_copies",
    "numbers_of",
    "object_attention",
    "other_label",
    "paired_tests",
    "percent",
    "phones_sentence",
    "precision_recall",
    "randomisation_check",
    "rank_methods",
    "ranking_in_words",
    "reference_check",
    "reference_scores",
    "reliance_sentence",
    "rests_on",
    "rests_on_by_label",
    "right_pictures",
    "rival",
    "score_guess",
    "seeds_check",
    "seen_classes",
    "settled_since",
    "share_interval",
    "share_on_object",
    "shared_top",
    "shortcut_reading",
    "shown_confusion",
    "summarise",
    "summarise_labels",
    "sweep",
    "sweep_sentence",
    "tally_sentence",
    "top_confusions",
    "training_hypothesis",
    "typeset",
    "uncapitalised",
    "unknown_labels",
    "untrained_layers",
    "untrained_maps",
    "votes_sentence",
    "with_copies",
    "with_groups",
    "with_guest",
    "with_kin",
    "worst_label",
]
