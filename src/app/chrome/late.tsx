import { Component, type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";
import { useSay } from "../board-context.ts";

interface Props {
  readonly children: ReactNode;
  readonly again: (tell: () => void) => ReactNode;
}

/** Holds what goes wrong in a part of the page, so that the rest stays as it is. */
class Guard extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.again(() => this.setState({ failed: false })) : this.props.children;
  }
}

/** A part whose code comes when it is first shown. When it cannot be had, that is said, with a button that asks again. */
export function late<P extends object>(
  load: () => Promise<{ readonly default: ComponentType<P> }>,
): ComponentType<P> {
  // A promise that has failed stays failed: each attempt has one of its own.
  let Part = lazy(load);
  return function Late(props: P) {
    const [attempt, setAttempt] = useState(0);
    const again = (tell: () => void): ReactNode => (
      <Failed
        again={() => {
          Part = lazy(load);
          setAttempt(attempt + 1);
          tell();
        }}
      />
    );
    return (
      <Guard again={again}>
        <Suspense>
          <Part key={attempt} {...props} />
        </Suspense>
      </Guard>
    );
  };
}

/** The whole page: what goes wrong anywhere is said instead of leaving nothing. */
export function Guarded({ children }: { readonly children: ReactNode }) {
  return <Guard again={(tell) => <Failed again={tell} />}>{children}</Guard>;
}

function Failed({ again }: { readonly again: () => void }) {
  const say = useSay();
  return (
    <div className="part-failed" role="alert">
      <p>{say("part.failed")}</p>
      <button type="button" className="primary" onClick={again}>
        {say("part.again")}
      </button>
      <button type="button" onClick={() => location.reload()}>
        {say("part.reload")}
      </button>
    </div>
  );
}
