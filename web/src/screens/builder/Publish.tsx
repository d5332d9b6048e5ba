import { Modal } from "@mantine/core";

export default function Publish({ onClose }: { onClose: () => void }) {
  return <Modal opened onClose={onClose} title="Publish" />;
}
