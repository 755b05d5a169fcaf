"""A model folder given to a hub, for those who have one."""

from pathlib import Path

from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from corpus.errors import ModelError
from inference.manifest import read_manifest


def push_to_hub(folder: Path, repository: str, *, private: bool = True) -> str:
    """The address of the repository that holds the folder's files now; it is made, private by default, if need be.

    The hub is HF_ENDPOINT's, the token HF_TOKEN's or the one that `hf auth login` left. A repository that is there
    keeps its visibility. Raises ModelError, one line, without a token, a network or leave to write.
    """
    read_manifest(folder)
    if get_token() is None:
        raise ModelError("no token for the hub: set HF_TOKEN to one that may write")
    try:
        api = HfApi()
        address = api.create_repo(repository, private=private, exist_ok=True)
        api.upload_folder(repo_id=repository, folder_path=folder, commit_message=f"{folder.name}, by ernotes")
    except HFValidationError:
        raise ModelError(f"{repository!r} is no name of a hub repository: write OWNER/NAME") from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        raise ModelError(f"the hub refused {repository} (status {status}): check the name and HF_TOKEN") from None
    except OSError as error:
        raise ModelError(f"the hub cannot be reached ({type(error).__name__}): check the network") from None
    except Exception as error:
        # The client's transport has errors of its own, which differ from version to version.
        raise ModelError(f"the hub cannot be reached ({type(error).__name__}): check the network") from error
    return str(address)
