"""The daily sample: do the metrics agree with the Rollout API, and was the controller scraped since the last one?"""

from dataclasses import replace
from functools import partial

from maintainer.analyse.accuracy.findings import subject
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.gaps import not_comparable
from maintainer.analyse.accuracy.samples import KIND, Stretch, as_data
from maintainer.analyse.accuracy.stale_cache import without_other_causes
from maintainer.analyse.accuracy.tables import fleet_figures
from maintainer.analyse.checks import gaps_of
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.place import not_in_its_place
from maintainer.analyse.sampling import COMPARING, EMITTING, SAMPLED, Examined, sample_of
from maintainer.collect.pipeline.pipeline import sampled_facts
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.jobs.observing import observed_fleet, past_samples, scraped_since
from maintainer.jobs.storing import stored_today
from maintainer.model.loaded_queries import LoadedQueries
from maintainer.model.report import Conclusion, Measured
from maintainer.settings import Settings


def sample(settings: Settings, context: JobContext) -> Conclusion:
    """Compare the metrics of all Rollouts with the API once, and keep what was found for the monthly audit."""
    seen = observed_fleet(settings, context, patient=False)
    scope, access = seen.observer.scope, arguments.access(settings, context.sources)
    facts = sampled_facts(seen.observer, seen.first, observation=seen.observation)
    pipeline = Pipeline(facts, seen.observation, LoadedQueries(), scope, access, context.now)
    fleet = ComparedFleet(without_other_causes(seen.comparison, facts.pending), pipeline)

    of_emitter, of_fleet = context.examine(EMITTING, pipeline), context.examine(COMPARING, fleet)
    unavailable = (
        *pipeline.unavailable,
        *context.sources.left_out,
        *not_comparable(fleet),
        *not_in_its_place(pipeline),
    )
    gaps = tuple(gap for gap in (*gaps_of(unavailable), *of_emitter[1], *of_fleet[1]) if gap.check in SAMPLED)
    examined = Examined((*of_emitter[0], *of_fleet[0]), gaps, unavailable)
    past, _ = context.sources.attempt("archive", partial(past_samples, context, context.now))
    taken = sample_of(fleet, context.now, examined=examined, scraped=scraped_since(context, seen, past or ()))
    if past is not None and not any(sample.looked for sample in past):
        # From the first sample on, the next one can tell.
        taken = replace(taken, looked=Stretch(context.now, context.now))
    return Conclusion(
        findings=tuple(examined.findings),
        gaps=gaps,
        figures=fleet_figures(fleet, context.sources.spent()),
        checks=context.chosen & SAMPLED,
        archive=(Measured(KIND, context.now, as_data(taken)), *stored_today(context)),
        undecided=frozenset(map(subject, fleet.comparison.not_compared)),
    )
