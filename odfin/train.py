"""`odfin train …`: what the engineer runs. The work itself is in `training`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from odfin import train_models, train_ship
from odfin.train_data import data, sample
from rag.models.reranker import JOINT
from rag.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="训练：用项目自己的题集教出随项目分发的小模型。")
app.registered_commands += train_models.app.registered_commands
app.command()(data)
app.command()(sample)
app.registered_commands += train_ship.app.registered_commands

Laws = Annotated[Path | None, typer.Option(help="法律文本所在的文件夹（文件名同题集里的 source）；不写则不用法律题")]


@app.command()
def reranker(
    out: Annotated[Path, typer.Argument(help="写到哪个文件夹", show_default=False)],
    items: Annotated[Path | None, typer.Option(help="题集文件夹；不写则为随项目分发的题集")] = None,
    laws: Laws = None,
    reading: Annotated[Path | None, typer.Option(help="另加的阅读题（odfin train data 或 odfin train sample 写出的 JSONL）")] = None,
    start: Annotated[Path | None, typer.Option(help="从哪个适配器文件夹接着教，例如 rag/models/reranker；不写则从头教")] = None,
    joint: Annotated[bool, typer.Option("--joint", help="教第二遍的联读：最好的几句与问题一起再读一遍；写到该文件夹的 joint/ 里")] = False,
    epochs: Annotated[int, typer.Option(min=1, help="轮数")] = 2,
    batch: Annotated[int, typer.Option(min=1, help="一步几道题；有 GPU 时可用 32")] = 4,
    many: Annotated[int | None, typer.Option(min=0, help="每轮只取多少道阅读题；不写则全取")] = None,
    seed: Annotated[int, typer.Option(help="随机种子")] = 7,
) -> None:
    """教重排模型：判断一句话是否回答了问题。文档另建索引，不影响正在使用的。"""
    from odfin.main import ready
    from odfin.terminal import index_progress, say
    from training.instructions import FOLDER
    from training.reranker import JOINT_RECIPE, Recipe, prepare, train

    settings = ready(load_settings())
    recipe = replace(JOINT_RECIPE if joint else Recipe(), epochs=epochs, batch=batch, many=many, seed=seed)
    with index_progress() as progress:
        lists, embedder = prepare(settings, items or FOLDER, laws, out, progress, reading, recipe.tempting)
    folder = out / JOINT if joint else out
    score = train(lists, embedder, folder, recipe, say, start)
    first = f"（{out} 里须另有第一遍的适配器）" if joint else ""
    print(f"验证：首位正确 {score.first:.1%}，无答案时拒答 {score.refused:.1%}，误拒 {score.false_refusal:.1%}；"
          f"适配器在 {folder}，用 ODFIN_RERANKER={out} 启用{first}")


@app.command()
def embedder(
    out: Annotated[Path, typer.Argument(help="写到哪个文件夹", show_default=False)],
    items: Annotated[Path | None, typer.Option(help="题集文件夹；不写则为随项目分发的题集")] = None,
    laws: Laws = None,
    clauses: Annotated[Path | None, typer.Option(help="条款问答集（JSONL，每行有 doc、passage、question）")] = None,
    share: Annotated[float, typer.Option(min=0, max=1, help="其中多少份合同的题用来教，其余留着检验")] = 0.5,
    epochs: Annotated[int, typer.Option(min=1, help="轮数")] = 3,
    seed: Annotated[int, typer.Option(help="随机种子")] = 7,
) -> None:
    """教向量模型：客户的说法与文档的说法靠近，看着像而不是答案的远离。文档另建索引，不影响正在使用的。"""
    from odfin.main import ready
    from odfin.terminal import index_progress, say
    from training.embedder import Recipe, prepare, remember_questions, train
    from training.instructions import FOLDER

    settings = ready(load_settings())
    with index_progress() as progress:
        pairs, questions, bare = prepare(settings, items or FOLDER, laws, clauses, share, out, progress)
    score = train(pairs, bare, out, Recipe(epochs=epochs, seed=seed), say)
    remember_questions(out, questions)
    print(f"验证：首位正确 {score.first:.1%}（原来 {score.before_first:.1%}），前五 {score.five:.1%}"
          f"（原来 {score.before_five:.1%}）；适配器在 {out}，用 ODFIN_EMBEDDER_ADAPTER={out} 启用，之后重新索引")


@app.command()
def intent(
    out: Annotated[Path, typer.Argument(help="写到哪个文件夹", show_default=False)],
    items: Annotated[Path | None, typer.Option(help="题集文件夹，消息在其中的 conduct/；不写则为随项目分发的题集")] = None,
    epochs: Annotated[int, typer.Option(min=1, help="轮数")] = 5,
    ordinary: Annotated[int, typer.Option(min=0, help="另取多少道题集里的普通问题")] = 1000,
    seed: Annotated[int, typer.Option(help="随机种子")] = 7,
) -> None:
    """教意图模型：一条消息是在问问题，还是正在被骗、要做违法的事、要承诺或荐买。"""
    from odfin.main import ready
    from odfin.terminal import say
    from rag.models.embedder import Embedder
    from training.instructions import FOLDER
    from training.intent import Recipe, messages, train

    settings = ready(load_settings())
    rows = messages(items or FOLDER, ordinary, seed)
    score = train(rows, Embedder(settings), out, Recipe(epochs=epochs, ordinary=ordinary, seed=seed), say)
    print(f"验证：该提醒的认出 {score.due:.1%}，普通问题误认 {score.false_alarm:.1%}；适配器在 {out}，用 ODFIN_INTENT={out} 启用")
