"""Claims that verdicts once made against a known truth, and the test that holds each: a table of docs/truth.md.

`tests/test_planted_truths.py` checks that every test exists.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = """
## Claims that went too far, and the test that holds each

What verdicts once said where the truth is known, what they say now, and the test that fails if that changes.

| what goes in | once | now | test |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Held:
    """A claim that a test holds.

    Attributes
    ----------
    given, once, now : str
        What goes in, what was said of it, and what is said.
    tests : tuple of str
        Below tests/, as pytest names them.
    """

    given: str
    once: str
    now: str
    tests: tuple[str, ...]


_TRUTHS = "studies/test_known_truths.py"
_CONTROL, _CONCLUSION = "studies/test_mask_control.py", "studies/test_foreground_conclusion.py"
_RANDOM = "studies/test_untrained_maps.py"
_LAYERS, _STATS = "studies/test_layer_evidence.py", "test_stats.py"

ROWS: tuple[Held, ...] = (
    Held(
        "a fixed blob in the middle of every picture",
        "yes, by all measures",
        "cannot tell: no more than where objects lie",
        (f"{_CONTROL}::test_a_blob_in_the_middle_of_every_picture_says_nothing_about_the_pictures",),
    ),
    Held(
        "maps held against another picture's mask",
        "yes",
        "not on the object",
        (f"{_CONTROL}::test_maps_that_follow_their_object_do_so_more_than_those_of_another_picture",),
    ),
    Held(
        "a class that the model gives 0.14%",
        "yes",
        "cannot tell, with the class named",
        (
            f"{_CONTROL}::test_a_class_that_is_not_there",
            f"{_CONCLUSION}::test_a_class_that_the_model_does_not_see_has_no_answer",
        ),
    ),
    Held(
        "maps on the objects of 48 pictures of one class and off those of 16 of another",
        "yes, for both",
        "mixed, with the other class named",
        (f"{_TRUTHS}::test_a_class_whose_maps_lie_off_its_objects_is_not_hidden_by_another_one",),
    ),
    Held(
        "attention rollout, which has one map for all classes; Guided Grad-CAM",
        "on the object for some of the classes",
        "cannot tell: no evidence for a class",
        (f"{_TRUTHS}::test_a_method_whose_maps_do_not_depend_on_the_class_says_nothing_of_it",),
    ),
    Held(
        "maps on the object, with neither interventions nor random weights beside them",
        "yes, by its maps; of networks with random weights as well, of 33 in 60 with 64 pictures",
        "cannot tell",
        (
            f"{_CONCLUSION}::test_every_cell_of_the_rules",
            f"{_RANDOM}::test_maps_that_random_weights_give_as_well_are_no_answer",
        ),
    ),
    Held(
        "random weights that give every picture the same class",
        "yes, by its maps, though nothing that is changed matters",
        "mixed: the background alone keeps the probability",
        (
            f"{_TRUTHS}::test_maps_on_objects_that_the_answers_do_not_need_are_no_yes",
            f"{_CONCLUSION}::test_maps_on_an_object_that_the_answers_do_not_need_are_no_yes",
        ),
    ),
    Held(
        "maps on the object, and a background that counts",
        "yes on top, both further down",
        "mixed, in one headline",
        (f"{_CONCLUSION}::test_every_cell_of_the_rules", "studies/test_reliance.py::test_what_answers_rest_on"),
    ),
    Held(
        "a trained model that reads the background, one label at a time",
        "the model uses the object",
        "the background, for each of ten labels",
        (f"{_TRUTHS}::test_the_shortcut_model_rests_on_the_background_for_every_label",),
    ),
    Held(
        "a trained network that reads a sticker in the corner of one class",
        "the model uses the object",
        "the background, for this class",
        (
            f"{_TRUTHS}::test_a_sticker_in_the_corner_of_one_class_is_found_out",
            f"{_TRUTHS}::test_a_sticker_is_found_among_all_classes",
        ),
    ),
    Held(
        "networks with random weights",
        "object, background, deeper layers focus",
        "cannot tell; mixed",
        (
            f"{_RANDOM}::test_maps_that_random_weights_give_as_well_are_no_answer",
            f"{_LAYERS}::test_an_architecture_that_focuses_by_itself_makes_it_mixed",
        ),
    ),
    Held(
        "one of several networks with random weights, held against the others, many pictures",
        "on the object, in up to one of four (three draws)",
        "in 5% at most",
        (f"{_RANDOM}::test_one_of_several_networks_that_learnt_nothing_is_seldom_told_from_the_others",),
    ),
    Held(
        "one photo of Pascal VOC with objects of several classes",
        "counts as often as it has classes",
        "counts once",
        ("data/test_voc.py::test_entries_of_one_photo_belong_together",),
    ),
    Held(
        "three pictures whose losses are small on average",
        "the model uses the object",
        "cannot tell",
        (
            "studies/test_reliance.py::test_too_few_pictures_tell_nothing",
            "studies/test_reliance.py::test_costing_little_needs_evidence",
        ),
    ),
    Held(
        "a blob, noise or another class's map, checked as a map",
        "holds up nearly as often as a map",
        "at most 5% (docs/map-check.md)",
        (
            "checks/test_references.py::test_a_centred_blob_never_holds_up",
            "checks/test_references.py::test_noise_and_maps_of_other_places_do_not_hold_up",
            "checks/test_references.py::test_a_map_that_another_class_has_as_well_needs_care",
        ),
    ),
    Held(
        "share and Gini concentration that contradict each other",
        "no, and the effects were called the same",
        "mixed, with signs that mean the same",
        (f"{_LAYERS}::test_a_measure_that_says_the_opposite_makes_it_mixed_and_signs_agree_with_words",),
    ),
    Held(
        "medians that rise, then fall; layers out of order",
        "rises with depth",
        "mixed: to which stage it rises; no answer",
        (
            f"{_LAYERS}::test_a_rise_and_a_fall_is_named",
            f"{_LAYERS}::test_layers_that_do_not_stand_in_order_of_depth_are_not_judged",
        ),
    ),
    Held(
        "blobs of one width at layers of ever coarser maps, but at the last",
        "yes, at every step",
        "mixed: with all maps averaged to the same size, only the last stands out",
        (f"{_LAYERS}::test_one_layer_that_differs_alone_is_named_where_coarser_maps_make_steps_of_their_own",),
    ),
    Held(
        "two or three pictures of noise over epochs",
        "looks at the object, in 22 and 14%",
        "not before six pictures, in 5% at most",
        ("studies/test_training_evolution.py::test_noise_is_not_said_to_be_about_the_object",),
    ),
    Held(
        "one blob in the middle of every picture, at each epoch",
        "it looks at the object",
        "not shown: no more than where objects usually lie",
        ("studies/test_training_evolution.py::test_one_blob_in_the_middle_of_every_picture_is_no_look_at_the_object",),
    ),
    Held(
        "networks with random weights as an epoch of a training, Grad-CAM, 128 digits",
        "it looks at the object, in 20 of 24",
        "cannot be told: those of other random weights may, too, and it does not see the classes",
        ("studies/test_attention.py::test_networks_that_learned_nothing_are_not_said_to_look_at_the_object",),
    ),
    Held(
        "a blob in the middle of every picture, among methods that are compared",
        "take it: it finds what the model uses",
        "no recommendation: it does no more than the same maps of other pictures",
        (
            "checks/test_given_maps.py::test_a_blob_in_the_middle_of_every_picture_is_not_recommended",
            "studies/test_method_ranking.py::test_maps_that_do_no_more_than_those_of_other_pictures_are_not_recommended",
        ),
    ),
    Held(
        "a comparison of methods for a class that the model gives 0.14%",
        "a recommendation, where it is significant",
        "no recommendation",
        ("studies/test_method_ranking.py::test_a_class_that_the_model_does_not_see_has_no_recommendation",),
    ),
    Held(
        "independent labels of which more are known of some pictures, confidences of noise",
        "less sure where it is wrong, in 18 of 40",
        "in 5% at most",
        ("studies/test_labels.py::test_pictures_of_which_more_labels_are_known_are_not_called_less_sure",),
    ),
    Held(
        "a level training of four or seven epochs",
        "one epoch is better, in 16 to 30%",
        "cannot tell from so few epochs",
        ("studies/test_hypothesis.py::test_level_runs_of_any_length_are_seldom_said_to_have_changed",),
    ),
    Held(
        "InstanceFlow's run of CIFAR-10, level since epoch 31",
        "the second half still helped",
        "no improvement was found",
        (
            f"{_TRUTHS}::test_a_dip_in_the_middle_is_no_help_of_the_second_half",
            "studies/test_training_evolution.py::test_the_published_run_is_level_in_its_second_half",
        ),
    ),
    Held(
        "a calibrated model, 50 answers",
        "a warning in 94%",
        "a warning in 5% at most",
        ("studies/test_misclassification.py::test_a_calibrated_model_is_not_called_miscalibrated",),
    ),
    Held(
        "equal medians, unequal spread",
        "a difference in 13 to 18%",
        "in 5% at most",
        (
            f"{_STATS}::test_groups_that_spread_differently_are_not_called_different",
            "studies/test_hypothesis.py::test_wrong_answers_that_only_spread_more_are_not_called_less_sure",
        ),
    ),
    Held(
        "intervals of five, eight and sixteen pictures",
        "hold the truth in 66 to 88%; points; W of noise above zero",
        "93 to 97% but for a few that say so, or none (docs/coverage.md)",
        (
            f"{_STATS}::test_intervals_of_eight_pictures_cover",
            f"{_STATS}::test_where_all_agree_no_interval_is_a_point",
            f"{_STATS}::test_the_interval_of_an_area_is_never_a_point",
            f"{_STATS}::test_the_agreement_of_noise_covers_nothing",
            "test_planted_truths.py::test_intervals_of_sixteen_pictures_cover",
        ),
    ),
    Held(
        "means of 37% on and 30% off, where most pictures have less",
        "it looks at the background",
        "the numbers are those of the test that decides",
        (
            f"{_TRUTHS}::test_means_and_verdict_do_not_contradict_each_other",
            "studies/test_foreground.py::test_skewed_differences_with_a_mean_of_zero_are_no_finding",
        ),
    ),
    Held(
        "independent skewed noise at each layer",
        "focuses, in up to 100%",
        "neither yes nor no",
        (
            f"{_LAYERS}::test_random_maps_get_neither_yes_nor_no",
            f"{_LAYERS}::test_skewed_noise_is_the_same_on_the_sampled_grid_and_not_on_the_averaged_one",
        ),
    ),
    Held(
        "Page's test, then Friedman's, on tables of nothing",
        "a claim in 7 to 9%",
        "in 5% at most",
        ("studies/test_layer_focus.py::test_two_tests_make_no_more_claims_of_noise_than_one",),
    ),
    Held(
        "Grad-CAM at early stages, far from HiResCAM",
        "shown like the last, without a word",
        "each layer says how far its map follows the gradients",
        (
            "studies/test_averaged_gradients.py::test_where_only_a_mean_follows_both_are_the_same_and_earlier_they_are_not",
        ),
    ),
    Held(
        "fifteen pictures",
        "can show all but small effects",
        "their power is said",
        (
            f"{_STATS}::test_power_is_that_of_simulated_t_tests",
            "studies/test_foreground.py::test_few_pictures_are_called_few",
        ),
    ),
    Held(
        "LIME of a model that reads a sticker of one colour",
        "weight zero: its mean colour hides nothing",
        "the sticker, hidden by whichever of two covers changes more",
        ("methods/test_lime.py::test_a_sticker_of_one_colour_is_found_although_its_mean_colour_hides_nothing",),
    ),
    Held(
        "maps that know the place of their class and nothing of the picture, two to four pictures a label",
        "yes, by its maps, in up to 28 of 28",
        "no more than where objects of the class lie",
        ("studies/test_mask_control.py::test_maps_that_know_the_class_and_not_the_picture_say_nothing",),
    ),
    Held(
        "confidences that have nothing to do with the answers, twenty frames of each of twenty films",
        "a difference, in 72%",
        "in 5% at most",
        ("studies/test_counting_groups.py::test_groups_count_for_confidences",),
    ),
    Held(
        "the accuracy of twenty frames of each of twenty films",
        "an interval that holds it in 20%",
        "in 95% or more",
        ("studies/test_counting_groups.py::test_the_interval_of_accuracy_counts_groups",),
    ),
    Held(
        "two classes of films, each of which gets one class by chance for all of its frames",
        "class names in the wrong order, in 31%",
        "nothing",
        ("studies/test_counting_groups.py::test_frames_of_a_film_are_one_answer_for_the_order_of_names",),
    ),
    Held(
        "maps of which a twelfth follows the object, 32 labels of two pictures",
        "no more than where objects usually lie",
        "on the object",
        ("studies/test_mask_control.py::test_pairs_say_something_as_seldom_as_they_should_and_find_what_is_there",),
    ),
    Held(
        "frames of a film among the pictures of an honest network, without masks",
        "a shortcut, for 16 of 60 classes",
        "no suspect",
        ("discovery/test_discover.py::test_frames_of_a_film_are_no_repeated_content_and_no_second_evidence",),
    ),
    Held(
        "a level validation loss, neighbouring epochs alike (correlation up to 0.8) or not",
        "stop at the lowest, or more epochs may help, in 27 to 78%",
        "either in 5 to 7% at most",
        ("studies/test_training_evolution.py::test_a_level_loss_seldom_says_when_to_stop",),
    ),
    Held(
        "a level validation loss whose ups and downs shrink, as the learning rate does",
        "stop at the lowest, in 12 to 35%",
        "in 1 to 4%",
        ("studies/test_training_evolution.py::test_ups_and_downs_that_shrink_do_not_say_when_to_stop",),
    ),
    Held(
        "a validation loss that a smaller learning rate lowered at once, level since",
        "more epochs may help, in 42 to 92% of 60 epochs and more",
        "nothing in 98% and more",
        (
            "studies/test_training_evolution.py::"
            "test_a_loss_that_fell_at_once_and_is_level_since_asks_for_no_more_epochs",
        ),
    ),
    Held(
        "validation and test pictures of the same accuracy, 20 to 100 of them",
        "the two sets differ, in up to 37%",
        "in 5% at most",
        ("studies/test_training_evolution.py::test_sets_of_the_same_accuracy_are_seldom_said_to_differ",),
    ),
    Held(
        "validation and test pictures of the same accuracy, frames of 5 to 20 films a class",
        "a class is better on the validation pictures, in 34 to 80%",
        "in 2% at most",
        ("studies/test_validation_gap.py::test_frames_of_films_differ_as_films_do",),
    ),
    Held(
        "a level training whose neighbouring epochs are alike (correlation 0.5 to 0.8)",
        "the second half helped or harmed, in 16 to 38%",
        "in 8% at most, of 24 epochs and more",
        ("test_stats.py::test_epochs_that_resemble_their_neighbours_count_less",),
    ),
    Held(
        "a level training on films, each of which gets better or worse by itself",
        "the second half helped or harmed, in up to 11% where pictures are counted",
        "in 4% at most; groups are what is independent",
        ("studies/test_counting_groups.py::test_films_are_what_is_independent_in_a_training",),
    ),
    Held(
        "frames of films, one of which holds four fifths of them, each of which changes once by itself",
        "the second half helped or harmed, in 18 to 24%",
        "in 3%",
        ("studies/test_counting_groups.py::test_a_film_with_most_of_the_pictures_is_one_film",),
    ),
    Held(
        "two trainings as good as each other, each on some of 8 or 20 films for reasons of its own",
        "one is better, in 22 to 25% where pictures are counted",
        "in 5% at most; each film counts once",
        ("studies/test_counting_groups.py::test_two_runs_on_films_are_told_apart_by_films",),
    ),
    Held(
        "right answers of which most have more confidence than any wrong one, and a few much less",
        "yes, it is less sure where it is wrong: 85% on average where it is right and 85% where it is wrong",
        "the same, and in how many cases the right one has more confidence",
        ("studies/test_hypothesis.py::test_averages_that_hide_an_answer_are_not_left_alone",),
    ),
    Held(
        "two runs of which one is right on all of five pictures, the other on none",
        "no difference was found",
        "cannot tell from so few pictures; six can",
        ("studies/test_hypothesis.py::test_five_pictures_cannot_tell_two_runs_apart",),
    ),
    Held(
        "maps that follow the object to a part, two pictures of each label, over epochs",
        "not shown to look at the object, in 96%",
        "it looks at the object",
        ("studies/test_attention.py::test_two_pictures_of_a_label_count_as_one",),
    ),
    Held(
        "five groups in each of which every right answer has more confidence than every wrong one",
        "no difference was found",
        "cannot tell from so few groups; six can",
        ("studies/test_counting_groups.py::test_five_groups_in_perfect_order_are_too_few_to_tell",),
    ),
    Held(
        "a calibrated model, 10 to 40 films whose frames are alike",
        "a warning in 22 to 48% where pictures are counted; of one of each film, 15 points too sure are seldom found",
        "in 7% at most, and found from all frames",
        (
            "studies/test_counting_groups.py::test_a_calibrated_model_of_films_is_not_called_miscalibrated",
            "studies/test_counting_groups.py::test_calibration_counts_every_picture_of_a_film",
        ),
    ),
    Held(
        "answers at random among two classes",
        "class names in the wrong order, in up to 32%",
        "in 1% at most",
        ("studies/test_misclassification.py::test_answers_at_random_are_no_wrong_order",),
    ),
    Held(
        "a blob in the middle of every picture, recommended for a black box",
        "take it",
        "no recommendation: no more than the same maps of other pictures",
        ("checks/test_black_boxes.py::test_a_blob_is_not_recommended_for_a_black_box",),
    ),
    Held(
        "networks with random weights beside each other, each with a mixed answer",
        "three of three primary tests find an effect",
        "in no family",
        ("batch/test_grid_folder.py::test_what_has_no_answer_of_its_own_is_no_finding_of_the_grid",),
    ),
    Held(
        "two blobs in the middle, one narrower",
        "the narrower has more on the object",
        "no difference beyond where objects usually lie",
        ("studies/test_foreground.py::test_a_narrower_blob_is_no_closer_look_at_the_object",),
    ),
    Held(
        "photos without labels, of a model that loses a quarter by pasting alone",
        "object and background both count, in 8 of 8 halves of 64 photos of horses",
        "the object, held against backgrounds of its class; without any, what the maps say",
        ("studies/test_reliance.py::test_what_pasting_may_cost_is_not_the_background_s",),
    ),
    Held(
        "a level validation loss of 120 epochs whose ups and downs triple in the last third",
        "stop at the lowest, in 5 to 14%",
        "in 4% at most",
        ("studies/test_training_evolution.py::test_ups_and_downs_that_grow_do_not_say_when_to_stop",),
    ),
    Held(
        "a rise from 60 to 90% in the second half of ten epochs, of which windows of two show little",
        "no improvement was found, in 55 of 60",
        "cannot tell, with the interval",
        ("studies/test_training_evolution.py::test_a_rise_that_so_few_epochs_do_not_show_is_not_said_to_be_absent",),
    ),
)


def table() -> str:
    """The section of docs/truth.md."""
    lines = (
        f"| {one.given} | {one.once} | {one.now} | {'<br>'.join(f'`{test}`' for test in one.tests)} |" for one in ROWS
    )
    return HEAD + "\n".join(lines) + "\n"
